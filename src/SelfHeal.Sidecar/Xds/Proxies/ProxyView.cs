using System.Collections.Immutable;
using Envoy.Config.Core.V3;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds.Proxies;

/// <summary>How one stream stands, at one moment.</summary>
/// <param name="Stream">Its number.</param>
/// <param name="NodeId">The proxy.</param>
/// <param name="Node">As it introduced itself; null where that is not known.</param>
/// <param name="Kind">Variant and service.</param>
/// <param name="OpenedAt">When it opened.</param>
/// <param name="Intended">What its group is served now; null if nothing.</param>
/// <param name="Types">By type in the order of sending.</param>
/// <param name="Rejections">The last NACKs, the newest first.</param>
internal sealed record ProxyView(
    long Stream,
    string NodeId,
    Node? Node,
    ProxyStreamKind Kind,
    DateTimeOffset OpenedAt,
    ValidatedSnapshot? Intended,
    ImmutableArray<ProxyTypeView> Types,
    ImmutableArray<ProxyRejection> Rejections);
