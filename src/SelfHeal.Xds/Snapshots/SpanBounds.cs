using System.Collections.Immutable;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Resources.Descriptors;
using Validate;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// The rules of a duration, or of a point in time, in nanoseconds. Rules that ask for the time of day are not checked
/// here: whether a resource is valid must not depend on when one looks.
/// </summary>
internal sealed record SpanBounds(
    string Kind,
    decimal? Const,
    decimal? Gt,
    decimal? Gte,
    decimal? Lt,
    decimal? Lte,
    ImmutableArray<decimal> In,
    ImmutableArray<decimal> NotIn)
{
    private const decimal NanosPerSecond = 1_000_000_000m;

    public static SpanBounds Of(DurationRules rules) => new(
        "duration",
        Nanos(rules.Const),
        Nanos(rules.Gt),
        Nanos(rules.Gte),
        Nanos(rules.Lt),
        Nanos(rules.Lte),
        [.. rules.In.Select(static item => Nanos(item.Seconds, item.Nanos))],
        [.. rules.NotIn.Select(static item => Nanos(item.Seconds, item.Nanos))]);

    public static SpanBounds Of(TimestampRules rules) => new(
        "timestamp", Nanos(rules.Const), Nanos(rules.Gt), Nanos(rules.Gte), Nanos(rules.Lt), Nanos(rules.Lte), [], []);

    /// <summary>What is wrong with a duration or timestamp; null if nothing is.</summary>
    public RuleProblem? Problem(DynamicMessage span)
    {
        var value = Nanos(
            span.Get(span.Schema.Fields[0]) as long? ?? 0, span.Get(span.Schema.Fields[1]) as int? ?? 0);
        if (Const is { } exact && value != exact)
            return Broken("const", $"must be {Show(exact)}", value);
        if (In.Length > 0 && !In.Contains(value))
            return Broken("in", $"must be one of {string.Join(", ", In.Select(static item => Show(item)))}", value);
        if (NotIn.Contains(value))
            return new RuleProblem($"{Kind}.not_in", $"must not be {Show(value)}");
        var isAbove = !(value <= Gt) && !(value < Gte);
        var isBelow = !(value >= Lt) && !(value > Lte);
        // As for numbers: bounds that cross shut out what lies between.
        if ((Lt ?? Lte) < (Gt ?? Gte) ? isAbove || isBelow : isAbove && isBelow)
            return null;
        if (isAbove)
            return Lt is null ? Broken("lte", $"must be at most {Most}", value)
                : Broken("lt", $"must be shorter than {Most}", value);
        return Gt is null ? Broken("gte", $"must be at least {Least}", value)
            : Broken("gt", $"must be longer than {Least}", value);
    }

    private string Least => Show(Gt ?? Gte);

    private string Most => Show(Lt ?? Lte);

    private RuleProblem Broken(string rule, string must, decimal value) =>
        new($"{Kind}.{rule}", $"{must}, not {Show(value)}");

    private static decimal? Nanos(Duration? duration) =>
        duration is null ? null : Nanos(duration.Seconds, duration.Nanos);

    private static decimal? Nanos(Timestamp? time) => time is null ? null : Nanos(time.Seconds, time.Nanos);

    private static decimal Nanos(long seconds, int nanos) => (seconds * NanosPerSecond) + nanos;

    private static string Show(decimal? nanos) =>
        ((nanos ?? 0) / NanosPerSecond).ToString(CultureInfo.InvariantCulture) + "s";
}
