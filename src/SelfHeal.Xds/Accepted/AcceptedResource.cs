using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Accepted;

/// <summary>One content of one resource that a node has accepted.</summary>
/// <param name="Name">The resource.</param>
/// <param name="ContentHash">What was accepted.</param>
/// <param name="Resource">The content; null where it must not be kept: then only name and hash are known.</param>
/// <param name="Declared">
/// The content as its source declared it, where overlays lay on it when it was accepted; null where none did.
/// </param>
public sealed record AcceptedResource(
    string Name, string ContentHash, XdsResource? Resource, XdsResource? Declared)
{
    /// <summary>Whether the content is not kept.</summary>
    public bool IsWithheld => Resource is null;

    /// <summary>Keeps a content, unless it holds a secret.</summary>
    /// <param name="resource">What was accepted.</param>
    /// <param name="declared">The same as its source declares it; null where it is the same.</param>
    public static AcceptedResource Of(XdsResource resource, XdsResource? declared)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var different = declared is not null && declared.ContentHash != resource.ContentHash ? declared : null;
        var isSecret = SensitiveContent.Find(resource) is not null
            || (different is not null && SensitiveContent.Find(different) is not null);
        return isSecret
            ? new AcceptedResource(resource.Name, resource.ContentHash, null, null)
            : new AcceptedResource(resource.Name, resource.ContentHash, resource, different);
    }
}
