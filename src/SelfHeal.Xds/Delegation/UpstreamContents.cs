using System.Collections.Immutable;

namespace SelfHeal.Xds.Delegation;

/// <summary>What an upstream gave one node, by type: what a relay goes on with when the upstream is gone.</summary>
/// <param name="Types">By type, in send order.</param>
public sealed record UpstreamContents(ImmutableSortedDictionary<string, UpstreamTypeContents> Types)
{
    /// <summary>How many resources it has.</summary>
    public int Count => Types.Values.Sum(static type => type.Resources.Length);
}
