using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Admin;

/// <summary>In what a proxy does not hold what is intended for it.</summary>
/// <param name="Node">Its node id.</param>
/// <param name="Resources">By type in the order of sending, then by name.</param>
/// <param name="Omitted">How many more there are.</param>
/// <param name="Rejections">Its last NACKs, the newest first, with what was rejected against what is held.</param>
internal sealed record ProxyDiffDocument(
    string Node,
    ImmutableArray<ProxyDifferenceDocument> Resources,
    int Omitted,
    ImmutableArray<ProxyRejectionDocument> Rejections);
