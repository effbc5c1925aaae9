using Google.Protobuf;
using Google.Protobuf.Reflection;
using Validate;

namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>
/// One message or enum of a descriptor set, without the types declared within it. It stays encoded until it is asked
/// for: of the thousands in a set a configuration uses a few dozen.
/// </summary>
/// <param name="Set">The file of the set that holds it.</param>
/// <param name="ProtoFile">The proto file that declares it.</param>
/// <param name="IsEnum">Whether it is an enum.</param>
/// <param name="Traits">What the proto file's syntax says.</param>
/// <param name="Bytes">A DescriptorProto or an EnumDescriptorProto.</param>
internal sealed record TypeDefinition(
    string Set, string ProtoFile, bool IsEnum, FileTraits Traits, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Knows the validation rules, so that they are read with the options that carry them.</summary>
    public static ExtensionRegistry Rules { get; } =
    [
        ValidateExtensions.Rules, ValidateExtensions.Required, ValidateExtensions.Disabled, ValidateExtensions.Ignored,
    ];

    private static readonly MessageParser<DescriptorProto> MessageParser =
        DescriptorProto.Parser.WithExtensionRegistry(Rules);

    public MessageSchema ToMessage(string fullName, DescriptorIndex index) =>
        new(fullName, MessageParser.ParseFrom(Bytes.Span), Traits, index);

    public EnumSchema ToEnum(string fullName) => new(fullName, EnumDescriptorProto.Parser.ParseFrom(Bytes.Span));

    /// <summary>Whether both say the same; one may spell out a JSON name that the other leaves to the rule.</summary>
    public bool SaysTheSameAs(TypeDefinition other)
    {
        if (IsEnum != other.IsEnum || Traits != other.Traits)
            return false;
        return Bytes.Span.SequenceEqual(other.Bytes.Span)
            || (!IsEnum && Plain(this).Equals(Plain(other)));

        static DescriptorProto Plain(TypeDefinition definition)
        {
            var message = MessageParser.ParseFrom(definition.Bytes.Span);
            foreach (var field in message.Field)
            {
                if (string.Equals(field.JsonName, FieldSchema.JsonNameOf(field.Name), StringComparison.Ordinal))
                    field.ClearJsonName();
            }
            return message;
        }
    }
}
