using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SelfHeal.Xds.Resources;

/// <summary>What a YAML scalar means by the core schema of YAML 1.2, which is JSON's meaning.</summary>
internal static class YamlScalars
{
    private const NumberStyles NumberWithoutSpace =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    public static bool IsPlain(YamlScalarNode scalar) => scalar.Style is ScalarStyle.Plain or ScalarStyle.Any;

    public static bool IsNull(YamlScalarNode scalar) => IsPlain(scalar) && scalar.Value is null or "" or "~" or "null";

    public static bool? AsBool(YamlScalarNode scalar) => (IsPlain(scalar), scalar.Value) switch
    {
        (true, "true" or "True" or "TRUE") => true,
        (true, "false" or "False" or "FALSE") => false,
        _ => null,
    };

    /// <summary>A number in decimal; JSON's words for the values that are none are taken too.</summary>
    public static double? AsDouble(string text) => text switch
    {
        "NaN" or ".nan" => double.NaN,
        "Infinity" or ".inf" => double.PositiveInfinity,
        "-Infinity" or "-.inf" => double.NegativeInfinity,
        _ => double.TryParse(text, NumberWithoutSpace, CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value) ? value : null,
    };

    /// <summary>A whole number; <c>1e3</c> and <c>5.0</c> are whole, as in proto JSON.</summary>
    public static decimal? AsWhole(string text)
    {
        return decimal.TryParse(text, NumberWithoutSpace, CultureInfo.InvariantCulture, out var value)
            && decimal.Truncate(value) == value ? value : null;
    }
}
