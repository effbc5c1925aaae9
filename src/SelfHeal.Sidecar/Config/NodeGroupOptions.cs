using System.ComponentModel.DataAnnotations;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>Nodes that are served resources of their own.</summary>
internal sealed class NodeGroupOptions
{
    /// <summary>
    /// What the group is called in messages: letters, digits, hyphens and underscores. <c>default</c> is the name of
    /// the nodes that no group matches. Required.
    /// </summary>
    [Required]
    public string Name { get; init; } = "";

    /// <summary>Which nodes; all that is given must hold, and something must be given.</summary>
    public NodeMatchOptions Match { get; init; } = new();

    /// <summary>
    /// The directory of their Envoy v3 resources. <c>{id}</c> and <c>{cluster}</c> in it stand for what the node says
    /// of itself, so that each has a directory of its own; a name that is empty, begins with a dot, or holds a slash,
    /// two dots or a control character is refused. Required.
    /// </summary>
    [Required]
    [FilePath]
    public string Resources { get; init; } = "";
}
