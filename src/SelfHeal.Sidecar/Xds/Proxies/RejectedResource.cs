using SelfHeal.Xds.Resources;

namespace SelfHeal.Sidecar.Xds.Proxies;

/// <summary>A content that a proxy rejected, or that came with one.</summary>
/// <param name="Name">The resource.</param>
/// <param name="ContentHash">Of the rejected content.</param>
/// <param name="Rejected">The rejected content; null for secrets, of which nothing but the hash is kept.</param>
/// <param name="Accepted">What the proxy held at that time; null if nothing, or a secret.</param>
/// <param name="IsCulprit">Whether it is known to be the reason.</param>
internal sealed record RejectedResource(
    string Name, string ContentHash, XdsResource? Rejected, XdsResource? Accepted, bool IsCulprit);
