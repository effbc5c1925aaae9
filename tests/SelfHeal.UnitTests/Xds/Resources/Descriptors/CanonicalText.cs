using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SelfHeal.UnitTests.Xds.Resources.Descriptors;

/// <summary>
/// One text for one content, from a YAML tree or from encoded bytes, by Google's descriptors and no line of the code
/// under test: fields by number, enums by number, defaults of fields without presence left out.
/// </summary>
internal sealed class CanonicalText(IReadOnlyDictionary<string, MessageDescriptor> types)
{
    public string OfYaml(string type, YamlNode node) => OfYaml(types[type], node);

    public string OfBytes(string type, ByteString bytes) => OfBytes(types[type], bytes);

    private string OfYaml(MessageDescriptor type, YamlNode node)
    {
        switch (type.FullName)
        {
            case "google.protobuf.Any":
                return AnyOfYaml((YamlMappingNode)node);
            case "google.protobuf.Duration":
                return SecondsText(decimal.Parse(Text(node).TrimEnd('s'), CultureInfo.InvariantCulture));
            case "google.protobuf.Timestamp":
                var time = DateTimeOffset.Parse(Text(node), CultureInfo.InvariantCulture);
                return SecondsText(time.ToUnixTimeSeconds() + (time.Ticks % 10_000_000 / 10_000_000m));
            case "google.protobuf.Struct":
            case "google.protobuf.Value":
            case "google.protobuf.ListValue":
                return StructOfYaml(node);
        }
        if (type.File.Name is "google/protobuf/wrappers.proto")
            return $"({ScalarOfYaml(type.FindFieldByNumber(1), node)})";
        var parts = new SortedDictionary<int, string>();
        foreach (var (keyNode, value) in (YamlMappingNode)node)
        {
            var key = Text(keyNode);
            if (key is "@type" || IsNull(value))
                continue;
            var field = type.Fields.InDeclarationOrder().First(f => f.Name == key || f.JsonName == key);
            parts.Add(field.FieldNumber, FieldOfYaml(field, value));
        }
        return Join(parts.Where(static part => part.Value.Length > 0));
    }

    private string FieldOfYaml(FieldDescriptor field, YamlNode node)
    {
        if (field.IsMap)
        {
            var value = field.MessageType.FindFieldByNumber(2);
            return Map(((YamlMappingNode)node).Children.Select(
                pair => (Text(pair.Key), SingleOfYaml(value, pair.Value))));
        }
        if (field.IsRepeated)
            return List(((YamlSequenceNode)node).Select(item => SingleOfYaml(field, item)));
        var text = SingleOfYaml(field, node);
        return field.HasPresence || !IsDefault(field, text) ? text : string.Empty;
    }

    private string SingleOfYaml(FieldDescriptor field, YamlNode node) =>
        field.FieldType == FieldType.Message ? OfYaml(field.MessageType, node) : ScalarOfYaml(field, node);

    private static string ScalarOfYaml(FieldDescriptor field, YamlNode node)
    {
        var text = Text(node);
        return field.FieldType switch
        {
            FieldType.String => Quote(text),
            FieldType.Bytes => Quote(Convert.ToBase64String(Convert.FromBase64String(text))),
            FieldType.Bool => text is "true" ? "true" : "false",
            FieldType.Enum => (
                field.EnumType.FindValueByName(text)?.Number ?? int.Parse(text, CultureInfo.InvariantCulture))
                .ToString(CultureInfo.InvariantCulture),
            FieldType.Float => float.Parse(text, CultureInfo.InvariantCulture).ToString(
                "R", CultureInfo.InvariantCulture),
            FieldType.Double => double.Parse(text, CultureInfo.InvariantCulture).ToString(
                "R", CultureInfo.InvariantCulture),
            _ => decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)
                .ToString("0", CultureInfo.InvariantCulture),
        };
    }

    private string AnyOfYaml(YamlMappingNode map)
    {
        if (map.Children.Count == 0)
            return "{}";
        var name = Text(map.Children[new YamlScalarNode("@type")]).Split('/')[^1];
        var inner = types[name];
        var isPlain = !name.StartsWith("google.protobuf.", StringComparison.Ordinal) || name is "google.protobuf.Empty";
        return $"<{name}>" + OfYaml(inner, isPlain ? map : map.Children[new YamlScalarNode("value")]);
    }

    private static string StructOfYaml(YamlNode node) => node switch
    {
        YamlMappingNode map => Map(map.Children.Select(static pair => (Text(pair.Key), StructOfYaml(pair.Value)))),
        YamlSequenceNode list => List(list.Select(StructOfYaml)),
        _ when IsNull(node) => "null",
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } truth => truth.Value!,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: { } text } when double.TryParse(
            text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) =>
            number.ToString("R", CultureInfo.InvariantCulture),
        _ => Quote(Text(node)),
    };

    private string OfBytes(MessageDescriptor type, ByteString bytes)
    {
        var values = Read(type, bytes);
        string Single(int number) => values.TryGetValue(number, out var list) ? list[^1] : string.Empty;
        switch (type.FullName)
        {
            case "google.protobuf.Any":
                if (values.Count == 0)
                    return "{}";
                var raw = ReadAny(bytes);
                var name = raw.Url.Split('/')[^1];
                return $"<{name}>" + OfBytes(types[name], raw.Value);
            case "google.protobuf.Duration":
            case "google.protobuf.Timestamp":
                return SecondsText(Number(Single(1)) + (Number(Single(2)) / 1_000_000_000m));
            case "google.protobuf.Struct":
                return Single(1) is { Length: > 0 } fields ? fields : Map([]);
            case "google.protobuf.ListValue":
                return List(values.GetValueOrDefault(1) ?? []);
            case "google.protobuf.Value":
                return values.ContainsKey(1) ? "null" : values.Values.Single()[^1];
        }
        if (type.File.Name is "google/protobuf/wrappers.proto")
        {
            return Single(1) is { Length: > 0 } wrapped
                ? $"({wrapped})" : $"({ZeroOf(type.FindFieldByNumber(1))})";
        }
        var parts = new SortedDictionary<int, string>();
        foreach (var (number, list) in values)
        {
            var field = type.FindFieldByNumber(number);
            var text = field.IsMap ? list[^1] : field.IsRepeated ? List(list) : list[^1];
            if (field.HasPresence || field.IsRepeated || !IsDefault(field, text))
                parts.Add(number, text);
        }
        return Join(parts);
    }

    private Dictionary<int, List<string>> Read(MessageDescriptor type, ByteString bytes)
    {
        var values = new Dictionary<int, List<string>>();
        var maps = new Dictionary<int, List<(string, string)>>();
        using var input = new CodedInputStream(bytes.ToByteArray());
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            var number = WireFormat.GetTagFieldNumber(tag);
            var field = type.FindFieldByNumber(number)
                ?? throw new AssertionException($"{type.FullName} has no field {number}");
            var list = values.TryGetValue(number, out var known) ? known : values[number] = [];
            if (field.IsMap)
            {
                if (!maps.TryGetValue(number, out var entries))
                    maps[number] = entries = [];
                entries.Add(ReadEntry(field.MessageType, input.ReadBytes()));
                list.Add(Map(entries));
            }
            else if (field.FieldType == FieldType.Message)
                list.Add(OfBytes(field.MessageType, input.ReadBytes()));
            else if (field.IsRepeated && field.FieldType is not (FieldType.String or FieldType.Bytes)
                && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
            {
                using var packed = new CodedInputStream(input.ReadBytes().ToByteArray());
                while (!packed.IsAtEnd)
                    list.Add(ReadScalar(field, packed));
            }
            else
                list.Add(ReadScalar(field, input));
        }
        return values;
    }

    private (string Key, string Value) ReadEntry(MessageDescriptor type, ByteString bytes)
    {
        var values = Read(type, bytes);
        var value = type.FindFieldByNumber(2);
        var key = (values.TryGetValue(1, out var keys) ? keys[^1] : ZeroOf(type.FindFieldByNumber(1))).Trim('"');
        return (key, values.TryGetValue(2, out var list) ? list[^1]
            : value.FieldType == FieldType.Message ? OfBytes(value.MessageType, ByteString.Empty) : ZeroOf(value));
    }

    private static (string Url, ByteString Value) ReadAny(ByteString bytes)
    {
        var any = Google.Protobuf.WellKnownTypes.Any.Parser.ParseFrom(bytes);
        return (any.TypeUrl, any.Value);
    }

    private static string ReadScalar(FieldDescriptor field, CodedInputStream input) => field.FieldType switch
    {
        FieldType.String => Quote(input.ReadString()),
        FieldType.Bytes => Quote(input.ReadBytes().ToBase64()),
        FieldType.Bool => input.ReadBool() ? "true" : "false",
        FieldType.Enum => input.ReadEnum().ToString(CultureInfo.InvariantCulture),
        FieldType.Float => input.ReadFloat().ToString("R", CultureInfo.InvariantCulture),
        FieldType.Double => input.ReadDouble().ToString("R", CultureInfo.InvariantCulture),
        FieldType.Int32 => input.ReadInt32().ToString(CultureInfo.InvariantCulture),
        FieldType.Int64 => input.ReadInt64().ToString(CultureInfo.InvariantCulture),
        FieldType.UInt32 => input.ReadUInt32().ToString(CultureInfo.InvariantCulture),
        FieldType.UInt64 => input.ReadUInt64().ToString(CultureInfo.InvariantCulture),
        FieldType.SInt32 => input.ReadSInt32().ToString(CultureInfo.InvariantCulture),
        FieldType.SInt64 => input.ReadSInt64().ToString(CultureInfo.InvariantCulture),
        FieldType.Fixed32 => input.ReadFixed32().ToString(CultureInfo.InvariantCulture),
        FieldType.Fixed64 => input.ReadFixed64().ToString(CultureInfo.InvariantCulture),
        FieldType.SFixed32 => input.ReadSFixed32().ToString(CultureInfo.InvariantCulture),
        FieldType.SFixed64 => input.ReadSFixed64().ToString(CultureInfo.InvariantCulture),
        _ => throw new AssertionException($"{field.FullName} is a group"),
    };

    private static bool IsDefault(FieldDescriptor field, string text) =>
        string.Equals(text, ZeroOf(field), StringComparison.Ordinal);

    private static string ZeroOf(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String or FieldType.Bytes => Quote(string.Empty),
        FieldType.Bool => "false",
        _ => "0",
    };

    private static string Join(IEnumerable<KeyValuePair<int, string>> parts) =>
        $"{{{string.Join(",", parts.Select(static part => $"{part.Key}:{part.Value}"))}}}";

    private static string List(IEnumerable<string> items) => $"[{string.Join(",", items)}]" is var text && text is "[]"
        ? string.Empty : text;

    private static string Map(IEnumerable<(string Key, string Value)> entries)
    {
        var text = string.Join(",", entries.OrderBy(static e => e.Key, StringComparer.Ordinal)
            .Select(static e => $"{Quote(e.Key)}={e.Value}"));
        return text.Length == 0 ? string.Empty : $"({text})";
    }

    private static string SecondsText(decimal seconds) =>
        seconds.ToString("0.#########", CultureInfo.InvariantCulture) + "s";

    private static decimal Number(string text) =>
        text.Length == 0 ? 0 : decimal.Parse(text, CultureInfo.InvariantCulture);

    private static string Quote(string text) => new StringBuilder().Append('"').Append(text).Append('"').ToString();

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? string.Empty;

    private static bool IsNull(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "null" or "~" };
}
