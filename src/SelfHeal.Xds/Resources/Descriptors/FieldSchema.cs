using Google.Protobuf.Reflection;
using SelfHeal.Core;
using SelfHeal.Xds.Snapshots;
using Validate;

namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>One field of a message as its descriptor tells it; the type that it names is looked up when asked for.
/// </summary>
internal sealed class FieldSchema
{
    private readonly DescriptorIndex _index;
    private readonly string _typeName;

    public FieldSchema(FieldDescriptorProto definition, FileTraits traits, OneofSchema? oneof, DescriptorIndex index)
    {
        _index = index;
        _typeName = definition.TypeName.TrimStart('.');
        Name = definition.Name;
        JsonName = definition.HasJsonName && definition.JsonName.Length > 0
            ? definition.JsonName : JsonNameOf(definition.Name);
        Number = definition.Number;
        Kind = FieldKind.Of(definition.Type) ?? FieldType.Group;
        IsRepeated = definition.Label == FieldDescriptorProto.Types.Label.Repeated;
        Oneof = oneof;
        traits = traits.With(definition.Options?.Features);
        HasPresence = !IsRepeated && (Kind is FieldType.Message or FieldType.Group || oneof is not null
            || definition.Proto3Optional || traits.HasExplicitPresence);
        IsPacked = IsRepeated && FieldKind.IsPackable(Kind)
            && (definition.Options is { HasPacked: true } options ? options.Packed : traits.IsPacked);
        if (definition.Options?.HasExtension(ValidateExtensions.Rules) == true)
            Rules = definition.Options.GetExtension(ValidateExtensions.Rules);
    }

    public string Name { get; }

    public string JsonName { get; }

    public int Number { get; }

    public FieldType Kind { get; }

    /// <summary>True for maps too.</summary>
    public bool IsRepeated { get; }

    public bool IsPacked { get; }

    /// <summary>Whether unset and set to the default are two things.</summary>
    public bool HasPresence { get; }

    /// <summary>Null for a field in none; the oneof that stands behind <c>optional</c> is none.</summary>
    public OneofSchema? Oneof { get; }

    /// <summary>What the API demands of the value; null for nothing.</summary>
    public FieldRules? Rules { get; }

    /// <summary>The rules made ready; null for none.</summary>
    public FieldRuleCheck? Check => field ??= Rules is null ? null : new FieldRuleCheck(this, Rules);

    public bool IsMap => IsRepeated && Kind == FieldType.Message && Message.IsMapEntry;

    /// <summary>The type of a field of messages.</summary>
    public MessageSchema Message
    {
        get
        {
            field ??= _index.Find(_typeName);
            Invariant.Assert(field is not null, "every type that a descriptor names was found when it was taken in");
            return field;
        }
    }

    /// <summary>The type of an enum's field.</summary>
    public EnumSchema Enum
    {
        get
        {
            field ??= _index.FindEnum(_typeName);
            Invariant.Assert(field is not null, "every enum that a descriptor names was found when it was taken in");
            return field;
        }
    }

    /// <summary>The value that a field without presence has when nothing is written.</summary>
    public object Default => Kind switch
    {
        FieldType.String => string.Empty,
        FieldType.Bytes => Google.Protobuf.ByteString.Empty,
        FieldType.Bool => false,
        FieldType.Double => 0d,
        FieldType.Float => 0f,
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => 0L,
        FieldType.UInt64 or FieldType.Fixed64 => 0UL,
        FieldType.UInt32 or FieldType.Fixed32 => 0U,
        _ => 0,
    };

    /// <summary>protoc's own rule: an underscore goes and the next letter is a capital.</summary>
    public static string JsonNameOf(string name)
    {
        var text = new System.Text.StringBuilder(name.Length);
        var upper = false;
        foreach (var letter in name)
        {
            if (letter != '_')
                text.Append(upper ? char.ToUpperInvariant(letter) : letter);
            upper = letter == '_';
        }
        return text.ToString();
    }
}
