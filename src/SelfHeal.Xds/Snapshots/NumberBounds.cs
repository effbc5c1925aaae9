using System.Collections;
using System.Globalization;
using Google.Protobuf;
using Validate;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// The rules of a numeric field. All twelve kinds of number have the same rules under the same names, each in its own
/// type, so they are read by name and compared as they are: no value is rounded.
/// </summary>
internal sealed class NumberBounds
{
    private readonly string _kind;
    private readonly bool _ignoresEmpty;
    private readonly object? _const;
    private readonly (string Rule, object Value, bool IsInclusive)? _least;
    private readonly (string Rule, object Value, bool IsInclusive)? _most;
    private readonly List<object> _in;
    private readonly List<object> _notIn;

    private NumberBounds(string kind, IMessage rules)
    {
        _kind = kind;
        _ignoresEmpty = Value("ignore_empty") is true;
        _const = Value("const");
        _least = Bound("gte", true) ?? Bound("gt", false);
        _most = Bound("lte", true) ?? Bound("lt", false);
        _in = List("in");
        _notIn = List("not_in");

        object? Value(string name) => rules.Descriptor.FindFieldByName(name) is { } field
            && field.Accessor.HasValue(rules) ? field.Accessor.GetValue(rules) : null;

        (string, object, bool)? Bound(string name, bool isInclusive) =>
            Value(name) is { } value ? ($"{kind}.{name}", value, isInclusive) : null;

        List<object> List(string name) => rules.Descriptor.FindFieldByName(name)?.Accessor.GetValue(rules) is IList list
            ? [.. list.Cast<object>()] : [];
    }

    /// <summary>The bounds in a field's rules; null where these are not about numbers.</summary>
    public static NumberBounds? Of(FieldRules rules)
    {
        if (rules.TypeCase is < FieldRules.TypeOneofCase.Float or > FieldRules.TypeOneofCase.Sfixed64)
            return null;
        var field = FieldRules.Descriptor.FindFieldByNumber((int)rules.TypeCase);
        return new NumberBounds(field.Name, (IMessage)field.Accessor.GetValue(rules));
    }

    /// <summary>What is wrong with a number; null if nothing is.</summary>
    /// <param name="value">A number of the type that the rules are for.</param>
    public RuleProblem? Problem(object value)
    {
        if (value is not IConvertible and not IComparable || (_ignoresEmpty && IsZero(value)))
            return null;
        if (_const is not null && !_const.Equals(value))
            return new RuleProblem($"{_kind}.const", $"must be {Show(_const)}, not {Show(value)}");
        if (_in.Count > 0 && !_in.Contains(value))
            return new RuleProblem(
                $"{_kind}.in", $"must be one of {string.Join(", ", _in.Select(Show))}, not {Show(value)}");
        if (_notIn.Contains(value))
            return new RuleProblem($"{_kind}.not_in", $"must not be {Show(value)}");
        return RangeProblem(value);
    }

    private RuleProblem? RangeProblem(object value)
    {
        // NaN is on no side of any bound.
        var isNumber = value is not double.NaN and not float.NaN;
        var isAbove = isNumber && (_least is not { } least || Compare(value, least.Value) is var low
            && (low > 0 || (low == 0 && least.IsInclusive)));
        var isBelow = isNumber && (_most is not { } most || Compare(value, most.Value) is var high
            && (high < 0 || (high == 0 && most.IsInclusive)));
        // With the upper bound below the lower one, the rules shut out what lies between.
        var isOutside = _least is { } from && _most is { } to && Compare(to.Value, from.Value) < 0;
        if ((_least ?? _most) is null || (isOutside ? isAbove || isBelow : isAbove && isBelow))
            return null;
        var broken = (isAbove ? _most ?? _least : _least ?? _most)!.Value; // One of them is there.
        return new RuleProblem(broken.Rule, $"must be {Range(isOutside)}, not {Show(value)}");
    }

    private string Range(bool isOutside)
    {
        var limits = new List<string>(2);
        if (_least is { } least)
            limits.Add($"{(least.IsInclusive ? "at least" : "greater than")} {Show(least.Value)}");
        if (_most is { } most)
            limits.Add($"{(most.IsInclusive ? "at most" : "less than")} {Show(most.Value)}");
        return string.Join(isOutside ? " or " : " and ", limits);
    }

    private static int Compare(object left, object right) => Comparer.DefaultInvariant.Compare(left, right);

    private static bool IsZero(object value) => Resources.Descriptors.DynamicEncoder.IsDefault(value);

    private static string Show(object value) => value switch
    {
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
    };
}
