using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace SelfHeal.Xds.Resources;

/// <summary>Writes a resource as indented JSON with the field names of the API's documentation.</summary>
public static class ResourceJson
{
    /// <summary>The resource as a JSON object; fields stand in the order of their declaration.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>Null if the resource, or an <c>Any</c> in it, is of a type that the API does not know.</returns>
    public static string? Format(XdsResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (resource.Decode() is not { } message)
            return null;
        var types = new Dictionary<string, MessageDescriptor>(StringComparer.Ordinal);
        var complete = true;
        MessageWalk.Visit(message, (part, _) =>
        {
            types.TryAdd(part.Descriptor.FullName, part.Descriptor);
            complete &= part is not Any;
        });
        if (!complete)
            return null;
        var ordered = types.OrderBy(type => type.Key, StringComparer.Ordinal).Select(type => type.Value);
        var registry = TypeRegistry.FromMessages(ordered);
        var settings = JsonFormatter.Settings.Default
            .WithTypeRegistry(registry).WithPreserveProtoFieldNames(true).WithIndentation("  ");
        return new JsonFormatter(settings).Format(message).ReplaceLineEndings("\n") + "\n";
    }
}
