using Google.Protobuf;
using Google.Protobuf.Reflection;

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

    /// <summary>The message's name; empty if it has none.</summary>
    public static string Of(IMessage message) =>
        (string?)Field(message.Descriptor)?.Accessor.GetValue(message) ?? string.Empty;
}
