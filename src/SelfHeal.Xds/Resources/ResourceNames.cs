using System.Text;
using System.Text.Unicode;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SelfHeal.Xds.Resources.Descriptors;

namespace SelfHeal.Xds.Resources;

/// <summary>Where each type keeps the name by which xDS asks for it.</summary>
internal static class ResourceNames
{
    /// <summary>The field that holds the name; null for a message that cannot be a resource.</summary>
    public static FieldDescriptor? Field(MessageDescriptor type)
    {
        var field = type.FindFieldByName(FieldName(type.FullName));
        return field is { FieldType: FieldType.String, IsRepeated: false } ? field : null;
    }

    /// <summary>What the field with the name is called in a message.</summary>
    public static string FieldName(string fullName) =>
        fullName is "envoy.config.endpoint.v3.ClusterLoadAssignment" ? "cluster_name" : "name";

    /// <summary>
    /// The name of an encoded resource, read without decoding the rest: every known type that has a name keeps it in
    /// field 1.
    /// </summary>
    /// <param name="typeUrl">One of <see cref="TypeUrl.SendOrder"/>.</param>
    /// <param name="value">The encoded message.</param>
    /// <returns>Empty if it has none; null if the bytes are no message.</returns>
    public static string? Read(string typeUrl, ReadOnlyMemory<byte> value)
    {
        const int nameField = 1;
        var name = string.Empty;
        var reader = new WireReader(value);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryTag(out var field, out var wireType))
                return null;
            if (field != nameField || wireType != WireReader.Delimited || typeUrl is TypeUrl.LbEndpoint)
            {
                if (!reader.TrySkip(field, wireType))
                    return null;
            }
            else if (!reader.TryContent(out var content) || !Utf8.IsValid(content.Span))
                return null;
            else
                name = Encoding.UTF8.GetString(content.Span);
        }
        return name;
    }

    /// <summary>The message's name; empty if it has none.</summary>
    public static string Of(IMessage message) =>
        (string?)Field(message.Descriptor)?.Accessor.GetValue(message) ?? string.Empty;
}
