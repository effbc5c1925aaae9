using Google.Protobuf;
using Google.Protobuf.Reflection;
using SelfHeal.Core;
using SelfHeal.Xds.Resources.Descriptors;
using YamlDotNet.RepresentationModel;

namespace SelfHeal.Xds.Resources;

/// <summary>Reads strings, numbers, booleans, bytes and enums, each boxed as a DynamicMessage holds it.</summary>
/// <param name="fail">Takes the node, the field's path and what is wrong.</param>
internal sealed class ScalarReader(Action<YamlNode, string, string> fail)
{
    // So many names of an enum are told when a value is wrong; the longest enum has over a hundred.
    private const int MaxNamesTold = 12;

    public object? Read(YamlNode node, FieldSchema field, string path)
    {
        if (node is not YamlScalarNode scalar)
            return Fail(node, path, $"must be {Describe(field)}");
        var text = scalar.Value ?? string.Empty;
        return field.Kind switch
        {
            FieldType.String => ReadString(scalar, path),
            FieldType.Bytes => ReadBytes(scalar, text, path),
            FieldType.Bool => YamlScalars.AsBool(scalar) ?? Fail(node, path, "must be true or false, without quotes"),
            FieldType.Enum => ReadEnum(scalar, text, field.Enum, path),
            FieldType.Double => YamlScalars.AsDouble(text) ?? Fail(node, path, $"must be a number, not '{text}'"),
            FieldType.Float => ReadFloat(scalar, text, path),
            FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 =>
                ReadWhole(scalar, text, path, int.MinValue, int.MaxValue) is { } number ? (int)number : null,
            FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 =>
                ReadWhole(scalar, text, path, long.MinValue, long.MaxValue) is { } number ? (long)number : null,
            FieldType.UInt32 or FieldType.Fixed32 =>
                ReadWhole(scalar, text, path, 0, uint.MaxValue) is { } number ? (uint)number : null,
            FieldType.UInt64 or FieldType.Fixed64 =>
                ReadWhole(scalar, text, path, 0, ulong.MaxValue) is { } number ? (ulong)number : null,
            _ => Fail(node, path, "is a group of proto2, which has no JSON form"),
        };
    }

    /// <summary>A map's key: YAML and JSON write all of them as text.</summary>
    public object? ReadMapKey(YamlScalarNode key, FieldSchema field, string path) => field.Kind switch
    {
        FieldType.String => key.Value ?? string.Empty,
        FieldType.Bool => key.Value switch
        {
            "true" => true,
            "false" => false,
            _ => Fail(key, path, "the key must be true or false"),
        },
        _ => Read(key, field, path),
    };

    private object? ReadString(YamlScalarNode scalar, string path)
    {
        var text = scalar.Value ?? string.Empty;
        // Envoy reads an unquoted 123 or true as a number or boolean and refuses it for a string.
        if (YamlScalars.IsPlain(scalar)
            && (YamlScalars.AsBool(scalar) is not null || YamlScalars.AsDouble(text) is not null))
            return Fail(scalar, path, $"must be a string: write \"{text}\" with quotes");
        return text;
    }

    /// <summary>Bytes from base64; null for what is none. Proto JSON takes the URL-safe alphabet and missing padding
    /// too.</summary>
    public static ByteString? FromBase64(string text)
    {
        var standard = text.Replace('-', '+').Replace('_', '/').TrimEnd('=');
        standard = standard.PadRight((standard.Length + 3) / 4 * 4, '=');
        var buffer = new byte[standard.Length / 4 * 3];
        return Convert.TryFromBase64String(standard, buffer, out var length)
            ? ByteString.CopyFrom(buffer, 0, length) : null;
    }

    private object? ReadBytes(YamlScalarNode scalar, string text, string path) =>
        FromBase64(text) ?? Fail(scalar, path, "must be bytes in base64");

    private object? ReadFloat(YamlScalarNode scalar, string text, string path)
    {
        var value = YamlScalars.AsDouble(text);
        if (value is null)
            return Fail(scalar, path, $"must be a number, not '{text}'");
        var single = (float)value.Value;
        return float.IsInfinity(single) && double.IsFinite(value.Value)
            ? Fail(scalar, path, $"{text} is out of the range of a float")
            : single;
    }

    private decimal? ReadWhole(YamlScalarNode scalar, string text, string path, decimal least, decimal most)
    {
        if (YamlScalars.AsWhole(text) is not { } value)
            fail(scalar, path, $"must be a whole number, not '{text}'");
        else if (value < least || value > most)
            fail(scalar, path, $"{text} is outside of [{least}, {most}]");
        else
            return value;
        return null;
    }

    private object? ReadEnum(YamlScalarNode scalar, string text, EnumSchema type, string path)
    {
        if (type.NumberOf(text) is { } named)
            return named;
        // Proto3 enums are open: a number that has no name is kept, and the API's own rules say where that is wrong.
        if (YamlScalars.AsWhole(text) is { } number && number is >= int.MinValue and <= int.MaxValue)
            return (int)number;
        var more = type.Names.Count > MaxNamesTold ? ", ..." : string.Empty;
        var told = string.Join(", ", type.Names.Take(MaxNamesTold));
        var meant = NearestWord.Find(text, type.Names) is { } near ? $"; did you mean '{near}'?" : string.Empty;
        return Fail(scalar, path, $"'{text}' is no {type.FullName}: {told}{more}{meant}");
    }

    private object? Fail(YamlNode node, string path, string message)
    {
        fail(node, path, message);
        return null;
    }

    private static string Describe(FieldSchema field) => field.Kind switch
    {
        FieldType.String => "a string",
        FieldType.Bytes => "bytes in base64",
        FieldType.Bool => "true or false",
        FieldType.Enum => $"a value of {field.Enum.FullName}",
        _ => "a number",
    };
}
