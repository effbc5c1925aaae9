using System.Collections.Immutable;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>What an answer to a request is about.</summary>
/// <param name="Names">The names that are new in the request.</param>
/// <param name="IsLimited">Whether the answer is made of these names alone.</param>
internal sealed record IstiodScope(ImmutableSortedSet<string> Names, bool IsLimited)
{
    /// <summary>Everything that is watched.</summary>
    public static IstiodScope Whole { get; } =
        new(ImmutableSortedSet.Create<string>(StringComparer.Ordinal), IsLimited: false);

    /// <summary>What the client says that it holds; looked at for WDS only.</summary>
    public ImmutableDictionary<string, string> HeldVersions { get; init; } =
        ImmutableDictionary<string, string>.Empty;
}
