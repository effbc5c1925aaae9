using System.Collections.Immutable;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Composition;

/// <summary>What a look at the directory of Envoy resources found.</summary>
/// <param name="Summary">What is there, in a few words; shown when nothing is wrong.</param>
/// <param name="Errors">Everything that is wrong.</param>
internal sealed record ResourceCheck(string Summary, ImmutableArray<ConfigFinding> Errors)
{
    /// <summary>What can be served and yet keeps SelfHeal from judging.</summary>
    public ImmutableArray<ConfigFinding> Warnings { get; init; } = [];
}
