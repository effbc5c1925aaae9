using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Admin;

/// <summary>One proxy.</summary>
/// <param name="Node">Its node id.</param>
/// <param name="Cluster">The cluster that it says it belongs to.</param>
/// <param name="Agent">Name and version of its software; empty where it does not say.</param>
/// <param name="ClientFeatures">What it says that it supports.</param>
/// <param name="Streams">Its open streams, the oldest first.</param>
/// <param name="Rejections">Its last NACKs, the newest first.</param>
internal sealed record ProxyDocument(
    string Node,
    string Cluster,
    string Agent,
    ImmutableArray<string> ClientFeatures,
    ImmutableArray<ProxyStreamDocument> Streams,
    ImmutableArray<ProxyRejectionDocument> Rejections);
