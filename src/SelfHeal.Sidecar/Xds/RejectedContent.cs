namespace SelfHeal.Sidecar.Xds;

/// <summary>A content that a proxy certainly rejects: alone among what it was sent.</summary>
/// <param name="Group">The proxy's group.</param>
/// <param name="Node">The proxy.</param>
/// <param name="TypeUrl">The resource's type.</param>
/// <param name="Name">The resource's name.</param>
/// <param name="ContentHash">What it rejects.</param>
/// <param name="Message">Its own words.</param>
internal sealed record RejectedContent(
    string Group, string Node, string TypeUrl, string Name, string ContentHash, string Message);
