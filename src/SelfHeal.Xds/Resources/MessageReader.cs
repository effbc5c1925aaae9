using Google.Protobuf.Reflection;
using SelfHeal.Xds.Resources.Descriptors;
using YamlDotNet.RepresentationModel;

namespace SelfHeal.Xds.Resources;

/// <summary>
/// Turns a YAML tree into a message by its descriptor, after the JSON mapping of proto3. Protobuf's own JSON parser
/// would stop at the first error, knows no lines, and needs a class for every message.
/// </summary>
internal sealed class MessageReader
{
    // Aliases can make a small text huge; an assignment of 50,000 endpoints stays below it.
    private const int MaxValues = 500_000;

    // Protobuf refuses to decode what is deeper.
    private const int MaxDepth = 100;

    private const string TypeKey = "@type";
    private const string ValueKey = "value";

    private readonly string _file;
    private readonly ResourceFields _fields;
    private readonly List<ResourceError> _errors;
    private readonly TypeFinder _types;
    private readonly WellKnownReader _wellKnown;
    private readonly ScalarReader _scalars;
    private int _values;
    private int _depth;

    public MessageReader(string file, ResourceFields fields, TypeFinder types, List<ResourceError> errors)
    {
        _file = file;
        _fields = fields;
        _types = types;
        _errors = errors;
        _scalars = new ScalarReader(Fail);
        _wellKnown = new WellKnownReader(Fail);
    }

    /// <summary>Reads one resource; what is wrong goes to the list of errors.</summary>
    /// <returns>Null if not even the type is known.</returns>
    public AnyContent? ReadResource(YamlNode node, string? defaultTypeUrl)
    {
        _fields.Places[string.Empty] = Place(node);
        if (node is not YamlMappingNode map)
        {
            Fail(node, string.Empty, "a resource must be a mapping with an '@type'");
            return null;
        }
        return TypeOf(map, defaultTypeUrl).Url is { } url && ResourceEnvelope.Is(url)
            ? ReadEnvelope(map) : ReadAnyContent(map, string.Empty, defaultTypeUrl, "resource");
    }

    /// <summary>A resource in the envelope that the delta protocol has for it, which names it from outside.</summary>
    private AnyContent? ReadEnvelope(YamlMappingNode map)
    {
        var entries = Entries(map).Select(static entry => (entry.KeyNode, entry.Value));
        var envelope = ResourceEnvelope.Read(map, entries, Fail);
        if (envelope is not var (nameNode, name, content))
            return null;
        if (content is not YamlMappingNode resource)
        {
            Fail(content, string.Empty, "a resource must be a mapping with an '@type'");
            return null;
        }
        var read = ReadAnyContent(resource, string.Empty, defaultTypeUrl: null, "resource");
        if (read?.Name is { Length: > 0 } own && name.Length > 0 && !string.Equals(own, name, StringComparison.Ordinal))
            Fail(nameNode, "name", $"is '{name}', but the resource in it is named '{own}'");
        return read is null ? null : read with { Name = read.Name.Length > 0 ? read.Name : name, Envelope = envelope };
    }

    private (string? Url, YamlNode? Node) TypeOf(YamlMappingNode map, string? defaultTypeUrl)
    {
        var node = Entries(map).FirstOrDefault(static entry => entry.Key is TypeKey).Value;
        return ((node as YamlScalarNode)?.Value ?? defaultTypeUrl, node);
    }

    private AnyContent? ReadAnyContent(YamlMappingNode map, string path, string? defaultTypeUrl, string what)
    {
        var (typeUrl, typeNode) = TypeOf(map, defaultTypeUrl);
        if (string.IsNullOrEmpty(typeUrl))
        {
            Fail(map, path, $"this {what} has no '@type'");
            return null;
        }
        if (!typeUrl.Contains('/', StringComparison.Ordinal))
        {
            var place = typeNode ?? map;
            Fail(place, path, $"unknown @type '{typeUrl}'; expected type.googleapis.com/ and a message's name");
            return null;
        }
        var fullName = TypeUrl.FullName(typeUrl);
        if (_types.Find(fullName) is not { } type)
            return ReadOpaque(map, path, fullName, typeNode ?? map);
        if (!WellKnownReader.Handles(fullName))
            return AnyContent.Of(ReadFields(map, type, path));
        // The JSON form of these is not an object of their fields, so within an Any it stands under 'value'.
        var value = Entries(map).FirstOrDefault(static entry => entry.Key is ValueKey).Value;
        var message = value is null ? new DynamicMessage(type) : ReadMessage(value, type, Join(path, ValueKey));
        return message is null ? null : AnyContent.Of(message);
    }

    /// <summary>A message of an unknown type, which can be carried only as the bytes that somebody else made.</summary>
    private AnyContent? ReadOpaque(YamlMappingNode map, string path, string fullName, YamlNode typeNode)
    {
        var entries = Entries(map);
        var value = entries.FirstOrDefault(static entry => entry.Key is ValueKey);
        if (value.Value is YamlScalarNode { Value: { } text } && entries.All(IsOpaque))
        {
            if (ScalarReader.FromBase64(text) is { } bytes)
                return new AnyContent(TypeUrl.Prefix + fullName, string.Empty, bytes, null);
            Fail(value.Value, Join(path, ValueKey), "must be bytes in base64, since nothing knows the type "
                + fullName);
            return null;
        }
        Fail(typeNode, path, _types.Unknown(fullName));
        return null;

        static bool IsOpaque(YamlEntry entry) => entry.Key is TypeKey or ValueKey;
    }

    private DynamicMessage? ReadMessage(YamlNode node, MessageSchema type, string path)
    {
        if (type.FullName is "google.protobuf.Any")
            return ReadAny(node, type, path);
        if (IsWrapper(type))
            return ReadWrapper(node, type, path);
        if (WellKnownReader.Handles(type.FullName))
            return _wellKnown.Read(node, type, path);
        if (node is YamlMappingNode map)
            return ReadFields(map, type, path);
        Fail(node, path, $"must be a mapping of the fields of {type.FullName}");
        return null;
    }

    private DynamicMessage? ReadAny(YamlNode node, MessageSchema type, string path)
    {
        if (node is not YamlMappingNode map)
        {
            Fail(node, path, "must be a mapping with an '@type'");
            return null;
        }
        if (map.Children.Count == 0)
            return new DynamicMessage(type);
        return ReadAnyContent(map, path, defaultTypeUrl: null, "field")?.ToAny(type);
    }

    private DynamicMessage? ReadWrapper(YamlNode node, MessageSchema type, string path)
    {
        var field = type.Fields[0];
        if (_scalars.Read(node, field, path) is not { } value)
            return null;
        var message = new DynamicMessage(type);
        message.Set(field, value);
        return message;
    }

    private DynamicMessage ReadFields(YamlMappingNode map, MessageSchema type, string path)
    {
        var message = new DynamicMessage(type);
        var seen = new HashSet<int>();
        var oneofs = new Dictionary<OneofSchema, string>(ReferenceEqualityComparer.Instance);
        if (++_depth > MaxDepth)
            Fail(map, path, $"nests deeper than {MaxDepth} messages");
        else
        {
            foreach (var (key, keyNode, value) in Entries(map))
            {
                if (key is TypeKey)
                    continue;
                if (type.Find(key) is { } field)
                    SetField(message, field, new FieldSite(keyNode, value, Join(path, field.Name)), seen, oneofs);
                else
                    Fail(keyNode, Join(path, key), _types.NoField(type, key));
            }
        }
        _depth--;
        return message;
    }

    private void SetField(
        DynamicMessage message,
        FieldSchema field,
        FieldSite site,
        HashSet<int> seen,
        Dictionary<OneofSchema, string> oneofs)
    {
        if (IsTooMany(site.Key, site.Path))
            return;
        _fields.Places.TryAdd(site.Path, Place(site.Key));
        if (!seen.Add(field.Number))
        {
            Fail(site.Key, site.Path, "is set twice");
            return;
        }
        if (site.Value is YamlScalarNode scalar && YamlScalars.IsNull(scalar) && !TakesNull(field))
            return;
        if (field.Oneof is { } oneof && !oneofs.TryAdd(oneof, field.Name))
        {
            Fail(site.Key, site.Path, $"only one of '{oneof.Name}' may be set, and '{oneofs[oneof]}' is");
            return;
        }
        if (field.IsMap)
            ReadMap(message, field, site);
        else if (field.IsRepeated)
            ReadList(message, field, site);
        else if (ReadSingle(site.Value, field, site.Path) is { } value)
            message.Set(field, value);
    }

    private void ReadList(DynamicMessage message, FieldSchema field, FieldSite site)
    {
        if (site.Value is not YamlSequenceNode sequence)
        {
            Fail(site.Value, site.Path, "must be a list");
            return;
        }
        var list = message.ListOf(field);
        var index = 0;
        foreach (var item in sequence)
        {
            var path = $"{site.Path}[{index++}]";
            if (IsTooMany(item, path))
                return;
            _fields.Places.TryAdd(path, Place(item));
            if (item is YamlScalarNode scalar && YamlScalars.IsNull(scalar) && !TakesNull(field))
                Fail(item, path, "must not be null");
            else if (ReadSingle(item, field, path) is { } value)
                list.Add(value);
        }
    }

    private void ReadMap(DynamicMessage message, FieldSchema field, FieldSite site)
    {
        if (site.Value is not YamlMappingNode mapping)
        {
            Fail(site.Value, site.Path, "must be a mapping");
            return;
        }
        if (field.Message.Find(1) is not { } keyField || field.Message.Find(2) is not { } valueField)
            return;
        var map = message.MapOf(field);
        foreach (var (key, keyNode, node) in Entries(mapping))
        {
            var path = $"{site.Path}[\"{key}\"]";
            if (IsTooMany(keyNode, path))
                return;
            _fields.Places.TryAdd(path, Place(keyNode));
            if (_scalars.ReadMapKey(keyNode, keyField, path) is { } mapKey
                && ReadSingle(node, valueField, path) is { } value && !map.TryAdd(mapKey, value))
                Fail(keyNode, path, "is set twice");
        }
    }

    private object? ReadSingle(YamlNode node, FieldSchema field, string path) => field.Kind == FieldType.Message
        ? ReadMessage(node, field.Message, path) : _scalars.Read(node, field, path);

    /// <summary>
    /// The entries of a mapping with YAML's merge key resolved: what stands in the mapping itself wins.
    /// </summary>
    private List<YamlEntry> Entries(YamlMappingNode map, int depth = 0)
    {
        var entries = new List<YamlEntry>(map.Children.Count);
        List<YamlMappingNode>? merged = null;
        foreach (var (key, value) in map)
        {
            if (key is not YamlScalarNode scalar)
                Fail(key, string.Empty, "a key must be a scalar");
            else if (scalar.Value is "<<" && YamlScalars.IsPlain(scalar))
                (merged ??= []).AddRange(value is YamlSequenceNode many
                    ? many.OfType<YamlMappingNode>() : new[] { value }.OfType<YamlMappingNode>());
            else
                entries.Add(new YamlEntry(scalar.Value ?? string.Empty, scalar, value));
        }
        if (merged is null || depth > MaxDepth)
            return entries;
        var own = entries.Select(entry => entry.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in merged.SelectMany(other => Entries(other, depth + 1)))
        {
            if (own.Add(entry.Key))
                entries.Add(entry);
        }
        return entries;
    }

    /// <summary>Counts one more value; tells once when there are too many.</summary>
    private bool IsTooMany(YamlNode node, string path)
    {
        if (++_values == MaxValues + 1)
            Fail(node, path, $"the resource holds more than {MaxValues} values");
        return _values > MaxValues;
    }

    private void Fail(YamlNode node, string path, string message)
    {
        // One more than the parser shows tells it that there were more.
        if (_errors.Count <= ResourceFileParser.MaxErrors)
            _errors.Add(new ResourceError(_file, (int)node.Start.Line, (int)node.Start.Column, path, message));
    }

    private static bool TakesNull(FieldSchema field) => field.Kind switch
    {
        FieldType.Message => field.Message.FullName is "google.protobuf.Value",
        FieldType.Enum => field.Enum.FullName is "google.protobuf.NullValue",
        _ => false,
    };

    private static bool IsWrapper(MessageSchema type) =>
        type.FullName.StartsWith("google.protobuf.", StringComparison.Ordinal)
        && type.FullName.EndsWith("Value", StringComparison.Ordinal)
        && type.FullName is not ("google.protobuf.Value" or "google.protobuf.ListValue")
        && WellKnownReader.Handles(type.FullName);

    private static string Join(string path, string field) => path.Length == 0 ? field : $"{path}.{field}";

    private static (int Line, int Column) Place(YamlNode node) => ((int)node.Start.Line, (int)node.Start.Column);

    private readonly record struct FieldSite(YamlNode Key, YamlNode Value, string Path);

    private readonly record struct YamlEntry(string Key, YamlScalarNode KeyNode, YamlNode Value);
}
