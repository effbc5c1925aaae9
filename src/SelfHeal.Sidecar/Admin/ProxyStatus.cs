using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Admin;

/// <summary>One Envoy.</summary>
/// <param name="Node">Its node id.</param>
/// <param name="Connected">Whether its stream is open.</param>
/// <param name="Types">What it was sent, by resource type in the order of sending.</param>
internal sealed record ProxyStatus(string Node, bool Connected, ImmutableArray<ProxyTypeStatus> Types);
