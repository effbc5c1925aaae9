using System.Collections.Immutable;
using System.Text;
using Envoy.Config.Core.V3;
using SelfHeal.Core;

namespace SelfHeal.Xds.Groups;

/// <summary>Which node is served what: the first group that matches, and otherwise the default one.</summary>
public sealed class NodeGroups
{
    /// <summary>The group of nodes that no other one matches.</summary>
    public const string Default = "default";

    // What a file system takes for one name.
    private const int NameBytesMax = 255;

    private readonly GroupAssignment _default;

    /// <param name="groups">In the order in which they are tried.</param>
    /// <param name="resources">Where the resources of the default group are.</param>
    public NodeGroups(IEnumerable<NodeGroup> groups, string resources)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(resources);
        Groups = [.. groups];
        Resources = resources;
        _default = new GroupAssignment(Default, resources, "");
        var names = Groups.Select(static group => group.Name).Append(Default).ToList();
        Invariant.Assert(
            names.Distinct(StringComparer.Ordinal).Count() == names.Count, "each group has a name of its own");
    }

    /// <summary>In the order in which they are tried.</summary>
    public ImmutableArray<NodeGroup> Groups { get; }

    /// <summary>Where the resources of the default group are.</summary>
    public string Resources { get; }

    /// <summary>The groups that are there whichever nodes come: the default one first, then in their order.</summary>
    public IEnumerable<GroupAssignment> Fixed => Groups.Where(static group => !group.IsPerNode)
        .Select(static group => new GroupAssignment(group.Name, group.Resources, "")).Prepend(_default);

    /// <summary>What a node is served.</summary>
    /// <param name="node">As it introduced itself; nothing in it is trusted.</param>
    public GroupAssignment Assign(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        foreach (var group in Groups)
        {
            if (group.Match.Matches(node))
                return group.IsPerNode ? AssignOwn(group, node) : new GroupAssignment(group.Name, group.Resources, "");
        }

        return _default;
    }

    /// <summary>What a name cannot be part of a path for; null if it can.</summary>
    /// <param name="name">Any text a client sent.</param>
    internal static string? PathProblem(string name)
    {
        if (name.Length == 0)
            return "is empty";
        if (Encoding.UTF8.GetByteCount(name) > NameBytesMax)
            return $"has more than {NameBytesMax} bytes";
        if (name.Any(static c => c is '/' or '\\'))
            return "holds a slash";
        if (name.Any(char.IsControl))
            return "holds a control character";
        // Half a surrogate pair is enumerated as the replacement character too.
        if (name.EnumerateRunes().Any(static rune => rune == Rune.ReplacementChar))
            return "is no valid text";
        return name[0] == '.' || name.Contains("..", StringComparison.Ordinal)
            ? "begins with a dot or holds two in a row"
            : null;
    }

    private static GroupAssignment AssignOwn(NodeGroup group, Node node)
    {
        var own = new List<string>();
        ReadOnlySpan<(string Placeholder, string Field, string Value)> places =
        [
            (NodeGroup.IdPlaceholder, "node.id", node.Id),
            (NodeGroup.ClusterPlaceholder, "node.cluster", node.Cluster),
        ];
        foreach (var (placeholder, field, value) in places)
        {
            if (!group.Resources.Contains(placeholder, StringComparison.Ordinal))
                continue;
            if (PathProblem(value) is { } problem)
            {
                return new GroupAssignment(
                    group.Name,
                    "",
                    $"group '{group.Name}': {field} {problem}, so there can be no directory {group.Resources}");
            }

            own.Add(value);
        }

        return new GroupAssignment($"{group.Name}/{string.Join('/', own)}", Fill(group.Resources, node), "");
    }

    /// <summary>In one pass, because a value may itself hold the text of a placeholder.</summary>
    private static string Fill(string template, Node node)
    {
        var filled = new StringBuilder(template.Length + node.Id.Length + node.Cluster.Length);
        for (var at = 0; at < template.Length;)
        {
            if (string.CompareOrdinal(template, at, NodeGroup.IdPlaceholder, 0, NodeGroup.IdPlaceholder.Length) == 0)
            {
                filled.Append(node.Id);
                at += NodeGroup.IdPlaceholder.Length;
            }
            else if (string.CompareOrdinal(
                template, at, NodeGroup.ClusterPlaceholder, 0, NodeGroup.ClusterPlaceholder.Length) == 0)
            {
                filled.Append(node.Cluster);
                at += NodeGroup.ClusterPlaceholder.Length;
            }
            else
                filled.Append(template[at++]);
        }

        return filled.ToString();
    }
}
