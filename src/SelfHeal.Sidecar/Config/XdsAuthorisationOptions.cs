using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Config;

/// <summary>
/// Which peers may call themselves what, and ask for what then. In patterns <c>*</c> is any run of characters without
/// <c>/</c>, <c>**</c> any run at all, and <c>{word}</c> a run up to the character that follows it, the same in every
/// pattern of the rule.
/// </summary>
internal sealed class XdsAuthorisationOptions
{
    /// <summary>
    /// Patterns of the alternative names (URI, DNS, address) in the client's certificate, one of which must match, such
    /// as <c>spiffe://cluster.local/ns/{namespace}/sa/*</c>. Empty: any peer, with a certificate or without.
    /// Default: [].
    /// </summary>
    public ImmutableArray<string> Sans { get; init; } = [];

    /// <summary>
    /// Patterns of the node id, one of which must match, such as <c>sidecar~*~*.{namespace}~*</c>. Empty: any.
    /// Default: [].
    /// </summary>
    public ImmutableArray<string> Nodes { get; init; } = [];

    /// <summary>Patterns of the node's cluster, one of which must match. Empty: any. Default: [].</summary>
    public ImmutableArray<string> Clusters { get; init; } = [];

    /// <summary>
    /// Full names of the types that such a node may ask for, such as <c>envoy.config.cluster.v3.Cluster</c>. Empty:
    /// all.
    /// Default: [].
    /// </summary>
    public ImmutableArray<string> Types { get; init; } = [];

    /// <summary>Patterns of the names of secrets (SDS) that such a node may be served. Empty: none. Default: [].
    /// </summary>
    public ImmutableArray<string> Secrets { get; init; } = [];
}
