using SelfHeal.Xds.Resources.Descriptors;

namespace SelfHeal.Xds.Resources;

/// <summary>Writes a resource as indented JSON with the field names of the API's documentation.</summary>
public static class ResourceJson
{
    /// <summary>The resource as a JSON object, by the pinned API; fields stand in the order of their numbers.
    /// </summary>
    /// <param name="resource">The resource.</param>
    /// <returns>Null if the resource, or an <c>Any</c> in it, is of a type that the API does not know.</returns>
    public static string? Format(XdsResource resource) => Format(resource, DescriptorIndex.Pinned);

    /// <summary>The resource as a JSON object; fields stand in the order of their numbers.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="types">The types that can be written.</param>
    /// <returns>Null if the resource, or an <c>Any</c> in it, is of another type.</returns>
    public static string? Format(XdsResource resource, DescriptorIndex types)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(types);
        return types.Find(TypeUrl.FullName(resource.TypeUrl)) is { } schema
            && DynamicDecoder.Decode(schema, resource.ValueBytes) is { } message
            && DynamicJson.Write(message, types) is { } json ? json + "\n" : null;
    }
}
