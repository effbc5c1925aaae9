using System.Collections.Immutable;
using SelfHeal.Core;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// A consistent set of resources, the only thing that sessions serve. Immutable and shared by all streams.
/// </summary>
public sealed class ValidatedSnapshot
{
    private readonly Snapshot _snapshot;

    internal ValidatedSnapshot(Snapshot snapshot)
    {
        Invariant.Assert(snapshot.Duplicates.IsEmpty, "a validated snapshot holds each name of a type once");
        _snapshot = snapshot;
    }

    /// <summary>No resources at all: serving it deletes what clients hold.</summary>
    public static ValidatedSnapshot Empty { get; } = new(Snapshot.Create([]));

    /// <summary>The sets by type, in send order.</summary>
    public ImmutableSortedDictionary<string, ResourceSet> Sets => _snapshot.Sets;

    /// <summary>The resources of a type; the empty set if there are none.</summary>
    /// <param name="typeUrl">The type.</param>
    public ResourceSet Get(string typeUrl) => _snapshot.Get(typeUrl);

    /// <summary>The same resources as input for another snapshot.</summary>
    internal Snapshot AsSnapshot() => _snapshot;
}
