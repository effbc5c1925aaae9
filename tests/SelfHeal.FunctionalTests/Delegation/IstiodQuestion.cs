using System.Collections.Immutable;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>What is asked for of one type, by a client or by a push.</summary>
internal sealed record IstiodQuestion
{
    public required string Type { get; init; }

    public required string NodeId { get; init; }

    public required IstiodSnapshot Snapshot { get; init; }

    /// <summary>The names that the answer may be about.</summary>
    public required ImmutableSortedSet<string> Names { get; init; }

    public required bool IsDelta { get; init; }

    /// <summary>Whether the watch is one for everything.</summary>
    public bool IsWildcard { get; init; }

    /// <summary>The push; null: a client has asked.</summary>
    public IstiodPush? Push { get; init; }

    /// <summary>What the client's request is about.</summary>
    public IstiodScope Scope { get; init; } = IstiodScope.Whole;

    /// <summary>What the node sees of the type, by name.</summary>
    public ImmutableSortedDictionary<string, IstiodResource> All => Snapshot.Of(Type, NodeId);

    /// <summary>The names that have changed; null: the answer is to be complete.</summary>
    public ImmutableHashSet<string>? Changed => Push?.NamesOf(Type);
}
