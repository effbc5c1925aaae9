using System.Collections.Immutable;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>What is to be sent of a type.</summary>
/// <param name="Resources">In the order of their names.</param>
internal sealed record IstiodYield(ImmutableArray<IstiodResource> Resources)
{
    /// <summary>The names that are gone; null: all that are watched and not among the resources.</summary>
    public ImmutableSortedSet<string>? Removed { get; init; }

    /// <summary>Whether there are watched resources besides, of which nothing is said.</summary>
    public bool IsPartial { get; init; }

    /// <summary>What is watched from now on; null: nothing is said.</summary>
    public ImmutableSortedSet<string>? Watched { get; init; }
}
