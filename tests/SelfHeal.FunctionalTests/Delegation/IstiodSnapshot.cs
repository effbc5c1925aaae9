using System.Collections.Immutable;

namespace SelfHeal.FunctionalTests.Delegation;

using Resources = ImmutableDictionary<
    (string NodeId, string Type), ImmutableSortedDictionary<string, IstiodResource>>;

/// <summary>Everything that is served at one time. An empty node id stands for all nodes.</summary>
internal sealed record IstiodSnapshot(string Version, Resources Resources)
{
    private static readonly ImmutableSortedDictionary<string, IstiodResource> None =
        ImmutableSortedDictionary.Create<string, IstiodResource>(StringComparer.Ordinal);

    /// <summary>Whether a test has ever set a resource of a type.</summary>
    public bool Knows(string type) =>
        Resources.Keys.Any(of => string.Equals(of.Type, type, StringComparison.Ordinal));

    /// <summary>What a node sees of a type, by name: what all see, and over it what it sees alone.</summary>
    public ImmutableSortedDictionary<string, IstiodResource> Of(string type, string nodeId)
    {
        var all = Resources.GetValueOrDefault(("", type), None);
        return Resources.TryGetValue((nodeId, type), out var own) ? all.SetItems(own) : all;
    }
}
