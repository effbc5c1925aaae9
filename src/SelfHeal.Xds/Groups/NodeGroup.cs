namespace SelfHeal.Xds.Groups;

/// <summary>Nodes that are served the same resources, or each its own of the same kind.</summary>
/// <param name="Name">Unique among groups.</param>
/// <param name="Match">Which nodes.</param>
/// <param name="Resources">
/// Where their resources are. <c>{id}</c> and <c>{cluster}</c> stand for what the node says of itself, so that each
/// node, or each cluster of nodes, has a place of its own.
/// </param>
public sealed record NodeGroup(string Name, NodeMatch Match, string Resources)
{
    /// <summary>The placeholder of the node's id.</summary>
    public const string IdPlaceholder = "{id}";

    /// <summary>The placeholder of the node's cluster.</summary>
    public const string ClusterPlaceholder = "{cluster}";

    /// <summary>Whether the place depends on the node.</summary>
    public bool IsPerNode =>
        Resources.Contains(IdPlaceholder, StringComparison.Ordinal)
        || Resources.Contains(ClusterPlaceholder, StringComparison.Ordinal);
}
