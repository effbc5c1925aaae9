using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Validate;

namespace SelfHeal.Xds.Snapshots;

/// <summary>Checks one value against one field's rules of <c>validate.proto</c>.</summary>
internal static class FieldRuleCheck
{
    private const decimal NanosPerSecond = 1_000_000_000m;

    /// <summary>What is wrong with a value that is set; null if nothing is.</summary>
    public static string? Problem(object? value, FieldRules rules) => rules.TypeCase switch
    {
        FieldRules.TypeOneofCase.String => value is string text ? StringProblem(text, rules.String) : null,
        FieldRules.TypeOneofCase.Bytes => value is ByteString bytes ? BytesProblem(bytes, rules.Bytes) : null,
        FieldRules.TypeOneofCase.Enum => EnumProblem(value, rules.Enum),
        FieldRules.TypeOneofCase.Duration =>
            value is Duration duration ? DurationProblem(duration, rules.Duration) : null,
        FieldRules.TypeOneofCase.Any => value is Any any ? AnyProblem(any, rules.Any) : null,
        FieldRules.TypeOneofCase.Bool => value is bool truth && rules.Bool.HasConst && truth != rules.Bool.Const
            ? $"must be {(rules.Bool.Const ? "true" : "false")}" : null,
        _ => NumberProblem(value, rules),
    };

    private static string? NumberProblem(object? value, FieldRules rules)
    {
        switch (rules.TypeCase)
        {
            case FieldRules.TypeOneofCase.Uint32:
                var u32 = rules.Uint32;
                return Bounds(value, u32.IgnoreEmpty, u32.HasGt ? u32.Gt : null, u32.HasGte ? u32.Gte : null,
                    u32.HasLt ? u32.Lt : null, u32.HasLte ? u32.Lte : null);
            case FieldRules.TypeOneofCase.Uint64:
                var u64 = rules.Uint64;
                return Bounds(value, u64.IgnoreEmpty, u64.HasGt ? u64.Gt : null, u64.HasGte ? u64.Gte : null,
                    u64.HasLt ? u64.Lt : null, u64.HasLte ? u64.Lte : null);
            case FieldRules.TypeOneofCase.Int32:
                var i32 = rules.Int32;
                return Bounds(value, i32.IgnoreEmpty, i32.HasGt ? i32.Gt : null, i32.HasGte ? i32.Gte : null,
                    i32.HasLt ? i32.Lt : null, i32.HasLte ? i32.Lte : null);
            case FieldRules.TypeOneofCase.Int64:
                var i64 = rules.Int64;
                return Bounds(value, i64.IgnoreEmpty, i64.HasGt ? i64.Gt : null, i64.HasGte ? i64.Gte : null,
                    i64.HasLt ? i64.Lt : null, i64.HasLte ? i64.Lte : null);
            case FieldRules.TypeOneofCase.Float:
                var f32 = rules.Float;
                return Bounds(value, f32.IgnoreEmpty, f32.HasGt ? f32.Gt : null, f32.HasGte ? f32.Gte : null,
                    f32.HasLt ? f32.Lt : null, f32.HasLte ? f32.Lte : null);
            case FieldRules.TypeOneofCase.Double:
                var f64 = rules.Double;
                return Bounds(value, f64.IgnoreEmpty, f64.HasGt ? f64.Gt : null, f64.HasGte ? f64.Gte : null,
                    f64.HasLt ? f64.Lt : null, f64.HasLte ? f64.Lte : null);
            default:
                return null;
        }
    }

    // A double holds every 32-bit bound exactly, and no rule of the API bounds 64-bit fields beyond 2^53.
    private static string? Bounds(object? boxed, bool ignoreEmpty, double? gt, double? gte, double? lt, double? lte)
    {
        if (boxed is not IConvertible || (gt ?? gte ?? lt ?? lte) is null)
            return null;
        var value = Convert.ToDouble(boxed, CultureInfo.InvariantCulture);
        if (ignoreEmpty && value == 0)
            return null;
        var fits = !(value <= gt) && !(value < gte) && !(value >= lt) && !(value > lte) && !double.IsNaN(value);
        return fits ? null : $"must be {Range(gt, gte, lt, lte)}, not {Show(value)}";
    }

    private static string Range(double? gt, double? gte, double? lt, double? lte)
    {
        var limits = new List<string>(2);
        if ((gt ?? gte) is { } least)
            limits.Add($"{(gt is null ? "at least" : "greater than")} {Show(least)}");
        if ((lt ?? lte) is { } most)
            limits.Add($"{(lt is null ? "at most" : "less than")} {Show(most)}");
        return string.Join(" and ", limits);
    }

    private static string Show(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string? StringProblem(string text, StringRules rules)
    {
        if (rules.IgnoreEmpty && text.Length == 0)
            return null;
        var runes = (ulong)text.EnumerateRunes().Count();
        var bytes = (ulong)Encoding.UTF8.GetByteCount(text);
        if (runes < rules.MinLen || bytes < rules.MinBytes)
            return text.Length == 0
                ? "must not be empty" : $"must be at least {Math.Max(rules.MinLen, rules.MinBytes)} long";
        if ((rules.HasMaxLen && runes > rules.MaxLen) || (rules.HasMaxBytes && bytes > rules.MaxBytes))
            return $"must be at most {(rules.HasMaxLen ? rules.MaxLen : rules.MaxBytes)} long, not {bytes} bytes";
        if (rules.HasPrefix && !text.StartsWith(rules.Prefix, StringComparison.Ordinal))
            return $"must begin with '{rules.Prefix}'";
        if (rules.HasSuffix && !text.EndsWith(rules.Suffix, StringComparison.Ordinal))
            return $"must end with '{rules.Suffix}'";
        if (rules.In.Count > 0 && !rules.In.Contains(text))
            return $"must be one of {string.Join(", ", rules.In)}";
        if (rules.NotIn.Contains(text))
            return $"must not be '{text}'";
        // HTTP header names and values must not smuggle line ends (KnownRegex).
        return rules.WellKnownCase == StringRules.WellKnownOneofCase.WellKnownRegex
            && text.AsSpan().ContainsAny("\0\r\n")
            ? "must not hold line ends or zero bytes"
            : null;
    }

    private static string? BytesProblem(ByteString bytes, BytesRules rules)
    {
        var length = (ulong)bytes.Length;
        if (rules.IgnoreEmpty && length == 0)
            return null;
        if (rules.HasLen && length != rules.Len)
            return $"must be {rules.Len} bytes, not {length}";
        if (length < rules.MinLen)
            return $"must be at least {rules.MinLen} bytes, not {length}";
        return rules.HasMaxLen && length > rules.MaxLen ? $"must be at most {rules.MaxLen} bytes, not {length}" : null;
    }

    private static string? EnumProblem(object? value, EnumRules rules)
    {
        if (value is not System.Enum named)
            return null;
        var number = Convert.ToInt32(named, CultureInfo.InvariantCulture);
        if (rules.DefinedOnly && !System.Enum.IsDefined(named.GetType(), named))
            return $"{number} is no value of this enum";
        if (rules.HasConst && number != rules.Const)
            return $"must be {rules.Const}";
        if (rules.In.Count > 0 && !rules.In.Contains(number))
            return $"must be one of {string.Join(", ", rules.In)}";
        return rules.NotIn.Contains(number) ? $"must not be {named}" : null;
    }

    private static string? DurationProblem(Duration duration, DurationRules rules)
    {
        var value = Nanos(duration);
        if (rules.Gt is { } gt && value <= Nanos(gt))
            return $"must be longer than {Seconds(gt)}";
        if (rules.Gte is { } gte && value < Nanos(gte))
            return $"must be at least {Seconds(gte)}";
        if (rules.Lt is { } lt && value >= Nanos(lt))
            return $"must be shorter than {Seconds(lt)}";
        return rules.Lte is { } lte && value > Nanos(lte) ? $"must be at most {Seconds(lte)}" : null;
    }

    private static string? AnyProblem(Any any, AnyRules rules)
    {
        if (rules.In.Count > 0 && !rules.In.Contains(any.TypeUrl))
            return $"must be one of {string.Join(", ", rules.In)}";
        return rules.NotIn.Contains(any.TypeUrl) ? $"must not be {any.TypeUrl}" : null;
    }

    private static decimal Nanos(Duration duration) => (duration.Seconds * NanosPerSecond) + duration.Nanos;

    private static string Seconds(Duration duration) =>
        (Nanos(duration) / NanosPerSecond).ToString(CultureInfo.InvariantCulture) + "s";
}
