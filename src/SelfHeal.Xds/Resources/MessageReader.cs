using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using YamlDotNet.RepresentationModel;

namespace SelfHeal.Xds.Resources;

/// <summary>
/// Turns a YAML tree into a message by its descriptor, after the JSON mapping of proto3. Protobuf's own JSON parser
/// would stop at the first error and knows no lines.
/// </summary>
internal sealed class MessageReader
{
    // Aliases can make a small text huge; an assignment of 50,000 endpoints stays below it.
    private const int MaxValues = 500_000;

    // Protobuf refuses to decode what is deeper.
    private const int MaxDepth = 100;

    private readonly string _file;
    private readonly ResourceFields _fields;
    private readonly List<ResourceError> _errors;
    private readonly WellKnownReader _wellKnown;
    private readonly ScalarReader _scalars;
    private int _values;
    private int _depth;

    public MessageReader(string file, ResourceFields fields, List<ResourceError> errors)
    {
        _file = file;
        _fields = fields;
        _errors = errors;
        _scalars = new ScalarReader(Fail);
        _wellKnown = new WellKnownReader(Fail);
    }

    /// <summary>Reads one resource; what is wrong goes to the list of errors.</summary>
    /// <returns>Null if not even the type is known.</returns>
    public IMessage? ReadResource(YamlNode node, string? defaultTypeUrl)
    {
        _fields.Places[string.Empty] = Place(node);
        if (node is not YamlMappingNode map)
        {
            Fail(node, string.Empty, "a resource must be a mapping with an '@type'");
            return null;
        }
        return ReadAnyContent(map, string.Empty, defaultTypeUrl, "resource");
    }

    private IMessage? ReadAnyContent(YamlMappingNode map, string path, string? defaultTypeUrl, string what)
    {
        var typeNode = Entries(map).FirstOrDefault(entry => entry.Key is "@type").Value;
        var typeUrl = (typeNode as YamlScalarNode)?.Value ?? defaultTypeUrl;
        if (string.IsNullOrEmpty(typeUrl))
        {
            Fail(map, path, $"this {what} has no '@type'");
            return null;
        }
        var type = ResourceTypes.Find(TypeUrl.FullName(typeUrl));
        if (type is null || !typeUrl.Contains('/', StringComparison.Ordinal))
        {
            Fail(typeNode ?? map, path, $"unknown @type '{typeUrl}'");
            return null;
        }
        if (!WellKnownReader.Handles(type))
            return ReadFields(map, type, path);
        // The JSON form of these is not an object of their fields, so within an Any it stands under 'value'.
        var value = Entries(map).FirstOrDefault(entry => entry.Key is "value").Value;
        return value is null ? NewMessage(type) : ReadMessage(value, type, Join(path, "value"));
    }

    private IMessage? ReadMessage(YamlNode node, MessageDescriptor type, string path)
    {
        if (type.FullName is "google.protobuf.Any")
            return ReadAny(node, path);
        if (WellKnownReader.Handles(type))
            return IsWrapper(type) ? ReadWrapper(node, type, path) : _wellKnown.Read(node, type, path);
        if (node is YamlMappingNode map)
            return ReadFields(map, type, path);
        Fail(node, path, $"must be a mapping of the fields of {type.FullName}");
        return null;
    }

    private Any? ReadAny(YamlNode node, string path)
    {
        if (node is not YamlMappingNode map)
        {
            Fail(node, path, "must be a mapping with an '@type'");
            return null;
        }
        if (map.Children.Count == 0)
            return new Any();
        var content = ReadAnyContent(map, path, defaultTypeUrl: null, "field");
        return content is null
            ? null
            : new Any { TypeUrl = TypeUrl.Prefix + content.Descriptor.FullName, Value = content.ToByteString() };
    }

    private IMessage? ReadWrapper(YamlNode node, MessageDescriptor type, string path)
    {
        var message = NewMessage(type);
        var value = type.FindFieldByNumber(1);
        if (_scalars.Read(node, value, path) is not { } read)
            return null;
        value.Accessor.SetValue(message, read);
        return message;
    }

    private IMessage ReadFields(YamlMappingNode map, MessageDescriptor type, string path)
    {
        var message = NewMessage(type);
        var seen = new HashSet<int>();
        var oneofs = new Dictionary<OneofDescriptor, string>();
        if (++_depth > MaxDepth)
            Fail(map, path, $"nests deeper than {MaxDepth} messages");
        else
        {
            foreach (var (key, keyNode, value) in Entries(map))
            {
                if (key is "@type")
                    continue;
                if (FindField(type, key) is { } field)
                    SetField(message, field, new FieldSite(keyNode, value, Join(path, field.Name)), seen, oneofs);
                else
                    Fail(keyNode, Join(path, key), $"{type.FullName} has no field '{key}'");
            }
        }
        _depth--;
        return message;
    }

    private void SetField(
        IMessage message,
        FieldDescriptor field,
        FieldSite site,
        HashSet<int> seen,
        Dictionary<OneofDescriptor, string> oneofs)
    {
        if (IsTooMany(site.Key, site.Path))
            return;
        _fields.Places.TryAdd(site.Path, Place(site.Key));
        if (!seen.Add(field.FieldNumber))
        {
            Fail(site.Key, site.Path, "is set twice");
            return;
        }
        if (site.Value is YamlScalarNode scalar && YamlScalars.IsNull(scalar) && !TakesNull(field))
            return;
        if (field.RealContainingOneof is { } oneof && !oneofs.TryAdd(oneof, field.Name))
        {
            Fail(site.Key, site.Path, $"only one of '{oneof.Name}' may be set, and '{oneofs[oneof]}' is");
            return;
        }
        if (field.IsMap)
            ReadMap(message, field, site);
        else if (field.IsRepeated)
            ReadList(message, field, site);
        else if (ReadSingle(site.Value, field, site.Path) is { } value)
            field.Accessor.SetValue(message, value);
    }

    private void ReadList(IMessage message, FieldDescriptor field, FieldSite site)
    {
        if (site.Value is not YamlSequenceNode sequence)
        {
            Fail(site.Value, site.Path, "must be a list");
            return;
        }
        var list = (IList)field.Accessor.GetValue(message);
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

    private void ReadMap(IMessage message, FieldDescriptor field, FieldSite site)
    {
        if (site.Value is not YamlMappingNode mapping)
        {
            Fail(site.Value, site.Path, "must be a mapping");
            return;
        }
        var keyField = field.MessageType.FindFieldByNumber(1);
        var valueField = field.MessageType.FindFieldByNumber(2);
        var map = (IDictionary)field.Accessor.GetValue(message);
        // Sorted, so that the order in the file never changes the encoded bytes.
        foreach (var (key, keyNode, node) in Entries(mapping).OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            var path = $"{site.Path}[\"{key}\"]";
            if (IsTooMany(keyNode, path))
                return;
            _fields.Places.TryAdd(path, Place(keyNode));
            if (_scalars.ReadMapKey(keyNode, keyField, path) is { } mapKey
                && ReadSingle(node, valueField, path) is { } value)
                map[mapKey] = value;
        }
    }

    /// <summary>One value in the form that the field's accessor takes: a wrapper's field takes what it wraps.</summary>
    private object? ReadSingle(YamlNode node, FieldDescriptor field, string path)
    {
        if (field.FieldType is not (FieldType.Message or FieldType.Group))
            return _scalars.Read(node, field, path);
        return IsWrapper(field.MessageType)
            ? _scalars.Read(node, field.MessageType.FindFieldByNumber(1), path)
            : ReadMessage(node, field.MessageType, path);
    }

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

    private static FieldDescriptor? FindField(MessageDescriptor type, string key)
    {
        if (type.FindFieldByName(key) is { } field)
            return field;
        foreach (var candidate in type.Fields.InDeclarationOrder())
        {
            if (string.Equals(candidate.JsonName, key, StringComparison.Ordinal))
                return candidate;
        }
        return null;
    }

    private static bool TakesNull(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => !field.IsMap && field.MessageType.FullName is "google.protobuf.Value",
        FieldType.Enum => field.EnumType.FullName is "google.protobuf.NullValue",
        _ => false,
    };

    private static bool IsWrapper(MessageDescriptor type) =>
        type.File.Name is "google/protobuf/wrappers.proto";

    private static IMessage NewMessage(MessageDescriptor type) => type.Parser.ParseFrom(ByteString.Empty);

    private static string Join(string path, string field) => path.Length == 0 ? field : $"{path}.{field}";

    private static (int Line, int Column) Place(YamlNode node) => ((int)node.Start.Line, (int)node.Start.Column);

    private readonly record struct FieldSite(YamlNode Key, YamlNode Value, string Path);

    private readonly record struct YamlEntry(string Key, YamlScalarNode KeyNode, YamlNode Value);
}
