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

    /// <summary>
    /// This snapshot with the very objects of an earlier one wherever the content is equal; equal content stays valid.
    /// </summary>
    /// <param name="earlier">What was served before; null where there was nothing.</param>
    public ValidatedSnapshot Reuse(ValidatedSnapshot? earlier)
    {
        if (earlier is null || ReferenceEquals(earlier, this))
            return this;
        var reused = _snapshot.Reuse(earlier);
        return ReferenceEquals(reused, _snapshot) ? this : new ValidatedSnapshot(reused);
    }

    /// <summary>This snapshot with another set of a type, for which whoever made the set answers.</summary>
    /// <param name="set">Takes the place of the type's set.</param>
    internal ValidatedSnapshot WithSet(ResourceSet set) => ReferenceEquals(Get(set.TypeUrl), set)
        ? this
        : new ValidatedSnapshot(_snapshot.WithSet(set));

    /// <summary>The same resources as input for another snapshot.</summary>
    internal Snapshot AsSnapshot() => _snapshot;
}
