using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Resources.Descriptors;
using YamlDotNet.RepresentationModel;

namespace SelfHeal.Xds.Resources;

/// <summary>Reads the <c>google.protobuf</c> types whose JSON form is not an object of their fields.</summary>
/// <param name="fail">Takes the node, the field's path and what is wrong.</param>
internal sealed class WellKnownReader(Action<YamlNode, string, string> fail)
{
    // The range of google.protobuf.Duration: about 10,000 years.
    private const long MaxDurationSeconds = 315_576_000_000;

    // As for messages; a Struct nests without any.
    private const int MaxDepth = 100;

    public static bool Handles(string fullName) => fullName is
        "google.protobuf.Any" or "google.protobuf.Duration" or "google.protobuf.Timestamp"
        or "google.protobuf.FieldMask" or "google.protobuf.Struct" or "google.protobuf.Value"
        or "google.protobuf.ListValue" or "google.protobuf.DoubleValue" or "google.protobuf.FloatValue"
        or "google.protobuf.Int64Value" or "google.protobuf.UInt64Value" or "google.protobuf.Int32Value"
        or "google.protobuf.UInt32Value" or "google.protobuf.BoolValue" or "google.protobuf.StringValue"
        or "google.protobuf.BytesValue";

    /// <summary>Reads one value; null where it is wrong, and that is told.</summary>
    public DynamicMessage? Read(YamlNode node, MessageSchema type, string path) =>
        ReadKnown(node, type.FullName, path) is { } message ? DynamicDecoder.Decode(type, message.ToByteArray()) : null;

    private IMessage? ReadKnown(YamlNode node, string type, string path) => type switch
    {
        "google.protobuf.Duration" => ReadDuration(node, path),
        "google.protobuf.Timestamp" => ReadText(
            node, path, Timestamp.Parser, "an RFC 3339 time, such as 2024-01-01T00:00:00Z"),
        "google.protobuf.FieldMask" => ReadText(node, path, FieldMask.Parser, "a list of paths separated by commas"),
        "google.protobuf.Struct" => ReadStruct(node, path, 0),
        "google.protobuf.ListValue" =>
            ReadValue(node, path, 0)?.ListValue ?? Fail<ListValue>(node, path, "must be a list"),
        "google.protobuf.Value" => ReadValue(node, path, 0),
        _ => Fail<IMessage>(node, path, $"{type} cannot be written here"),
    };

    private Duration? ReadDuration(YamlNode node, string path)
    {
        const string Expected = "must be a duration in seconds, such as 0.25s";
        var text = (node as YamlScalarNode)?.Value;
        if (text is null || text.Length < 2 || text[^1] != 's')
            return Fail<Duration>(node, path, Expected);
        const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (!decimal.TryParse(text.AsSpan(0, text.Length - 1), Styles, CultureInfo.InvariantCulture, out var seconds))
            return Fail<Duration>(node, path, $"{Expected}, not '{text}'");
        if (seconds is < -MaxDurationSeconds or > MaxDurationSeconds
            || decimal.Truncate(seconds * 1_000_000_000m) != seconds * 1_000_000_000m)
            return Fail<Duration>(
                node, path, $"'{text}' is outside of ±{MaxDurationSeconds}s or finer than a nanosecond");
        var whole = decimal.Truncate(seconds);
        return new Duration { Seconds = (long)whole, Nanos = (int)((seconds - whole) * 1_000_000_000m) };
    }

    private T? ReadText<T>(YamlNode node, string path, MessageParser<T> parser, string expected)
        where T : class, IMessage<T>
    {
        if (node is YamlScalarNode { Value: { } text })
        {
            try
            {
                return parser.ParseJson(Google.Protobuf.JsonFormatter.Default.Format(new Value { StringValue = text }));
            }
            catch (Exception broken) when (broken is InvalidProtocolBufferException or InvalidOperationException)
            {
                // Told below, with its place.
            }
        }
        return Fail<T>(node, path, $"must be {expected}");
    }

    private Struct? ReadStruct(YamlNode node, string path, int depth)
    {
        if (node is not YamlMappingNode map)
            return Fail<Struct>(node, path, "must be a mapping");
        var result = new Struct();
        foreach (var (key, value) in map.OrderBy(entry => (entry.Key as YamlScalarNode)?.Value, StringComparer.Ordinal))
        {
            if (key is not YamlScalarNode { Value: { } name })
                fail(key, path, "a key must be a scalar");
            else if (ReadValue(value, $"{path}[\"{name}\"]", depth + 1) is { } read)
                result.Fields[name] = read;
        }
        return result;
    }

    private Value? ReadValue(YamlNode node, string path, int depth)
    {
        if (depth > MaxDepth)
            return Fail<Value>(node, path, $"nests deeper than {MaxDepth} values");
        switch (node)
        {
            case YamlMappingNode:
                return ReadStruct(node, path, depth) is { } map ? Value.ForStruct(map) : null;
            case YamlSequenceNode sequence:
                var items = sequence.Select((item, index) => ReadValue(item, $"{path}[{index}]", depth + 1)).ToArray();
                return Value.ForList([.. items.OfType<Value>()]);
            case YamlScalarNode scalar when YamlScalars.IsNull(scalar):
                return Value.ForNull();
            case YamlScalarNode scalar when YamlScalars.AsBool(scalar) is { } truth:
                return Value.ForBool(truth);
            case YamlScalarNode { Value: { } text } scalar:
                return YamlScalars.IsPlain(scalar)
                    && YamlScalars.AsDouble(text) is { } number && double.IsFinite(number)
                    ? Value.ForNumber(number)
                    : Value.ForString(text);
            default:
                return Fail<Value>(node, path, "must be a value");
        }
    }

    private T? Fail<T>(YamlNode node, string path, string message)
        where T : class
    {
        fail(node, path, message);
        return null;
    }
}
