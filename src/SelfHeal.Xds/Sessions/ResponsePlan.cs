using System.Collections.Immutable;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Sessions;

/// <summary>What the next response of a type says, before it is encoded.</summary>
/// <param name="Resources">What it carries, sorted by name.</param>
/// <param name="Removed">The names that it removes, sorted; delta only.</param>
/// <param name="After">What the client has once it has applied it.</param>
/// <param name="Whole">The set whose resources these are, all of them; null if they are not a whole set.</param>
/// <param name="Version">The version that it tells.</param>
internal sealed record ResponsePlan(
    ImmutableArray<XdsResource> Resources,
    ImmutableArray<string> Removed,
    ClientContents After,
    ResourceSet? Whole,
    string Version)
{
    /// <summary>Why names that are asked for are not answered.</summary>
    public ImmutableArray<ResourceProblem> Problems { get; init; } = [];

    /// <summary>
    /// Names of virtual hosts that were asked for on demand and do not exist: Envoy waits for an empty resource.
    /// </summary>
    public ImmutableArray<string> Unresolved { get; init; } = [];

    /// <summary>Whether it only tells the client to keep what it has.</summary>
    public bool IsHeartbeat { get; init; }

    /// <summary>Whether it has any effect beyond what the client is told of its names.</summary>
    public bool IsEmpty => Resources.IsEmpty && Removed.IsEmpty && Unresolved.IsEmpty;

    /// <summary>Names a response's content: equal for the same names, hashes and removals.</summary>
    public static string KeyOf(
        string typeUrl, ImmutableArray<XdsResource> resources, ImmutableArray<string> removed)
    {
        var key = ResourceSet.VersionOf(typeUrl, resources);
        return removed.IsEmpty ? key : $"{key}-{string.Join('\n', removed)}";
    }
}
