using Google.Protobuf.Reflection;
using Validate;

namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>A message as its descriptor tells it, whether from a set that the user names or from the pinned API.
/// </summary>
internal sealed class MessageSchema
{
    private readonly Dictionary<int, FieldSchema> _byNumber = [];
    private readonly Dictionary<string, FieldSchema> _byName = new(StringComparer.Ordinal);

    public MessageSchema(string fullName, DescriptorProto definition, FileTraits traits, DescriptorIndex index)
    {
        FullName = fullName;
        IsMapEntry = definition.Options?.MapEntry == true;
        AreRulesOff = definition.Options is { } options
            && (options.GetExtension(ValidateExtensions.Disabled) || options.GetExtension(ValidateExtensions.Ignored));
        var oneofs = definition.OneofDecl.Select(static oneof => new OneofSchema(
            oneof.Name, oneof.Options?.GetExtension(ValidateExtensions.Required) == true)).ToArray();
        var fields = new List<FieldSchema>(definition.Field.Count);
        foreach (var declared in definition.Field)
        {
            var oneof = declared.HasOneofIndex && !declared.Proto3Optional ? oneofs[declared.OneofIndex] : null;
            var field = new FieldSchema(declared, traits, oneof, index);
            oneof?.Fields.Add(field);
            fields.Add(field);
            _byNumber.TryAdd(field.Number, field);
            _byName.TryAdd(field.Name, field);
        }
        // A name of the proto wins over another field's JSON name.
        foreach (var field in fields)
            _byName.TryAdd(field.JsonName, field);
        Fields = fields;
        Oneofs = [.. oneofs.Where(static oneof => oneof.Fields.Count > 0)];
        var name = Find(ResourceNames.FieldName(fullName));
        NameField = name is { Kind: FieldType.String, IsRepeated: false } ? name : null;
    }

    public string FullName { get; }

    /// <summary>In the order of the declaration.</summary>
    public IReadOnlyList<FieldSchema> Fields { get; }

    /// <summary>Those that stand in the proto; not those behind <c>optional</c>.</summary>
    public IReadOnlyList<OneofSchema> Oneofs { get; }

    /// <summary>Whether it is the pair of key and value of a map.</summary>
    public bool IsMapEntry { get; }

    /// <summary>Whether the API takes its rules back for this message (<c>validate.disabled</c>).</summary>
    public bool AreRulesOff { get; }

    /// <summary>The field by whose value clients ask for it; null for a message that cannot be a resource.</summary>
    public FieldSchema? NameField { get; }

    public FieldSchema? Find(int number) => _byNumber.GetValueOrDefault(number);

    /// <summary>By proto name or JSON name.</summary>
    public FieldSchema? Find(string name) => _byName.GetValueOrDefault(name);
}
