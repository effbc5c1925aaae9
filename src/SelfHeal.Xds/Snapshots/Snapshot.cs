using System.Collections.Frozen;
using System.Collections.Immutable;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// Resources that somebody intends to serve, not yet checked. <see cref="SnapshotValidator"/> makes it a
/// <see cref="ValidatedSnapshot"/>; only that can be served.
/// </summary>
public sealed class Snapshot
{
    // One empty set per known type, so that an absent type is the same set in every snapshot.
    private static readonly FrozenDictionary<string, ResourceSet> Empties = TypeUrl.SendOrder.ToFrozenDictionary(
        typeUrl => typeUrl, ResourceSet.Empty, StringComparer.Ordinal);

    private readonly Dictionary<string, ResourceSet> _sets;

    private Snapshot(ImmutableSortedDictionary<string, ResourceSet> sets, ImmutableArray<XdsResource> duplicates)
    {
        Sets = sets;
        _sets = new Dictionary<string, ResourceSet>(sets, StringComparer.Ordinal);
        Duplicates = duplicates;
    }

    /// <summary>The sets by type, in send order.</summary>
    public ImmutableSortedDictionary<string, ResourceSet> Sets { get; }

    /// <summary>Resources whose type and name an earlier one already has; any makes the snapshot invalid.</summary>
    public ImmutableArray<XdsResource> Duplicates { get; }

    /// <summary>Groups resources by type.</summary>
    /// <param name="resources">In any order; of two with one type and name the first is kept.</param>
    public static Snapshot Create(IEnumerable<XdsResource> resources)
    {
        ArgumentNullException.ThrowIfNull(resources);
        var byType = new SortedDictionary<string, Dictionary<string, XdsResource>>(TypeUrl.Comparer);
        var duplicates = ImmutableArray.CreateBuilder<XdsResource>();
        foreach (var resource in resources)
        {
            if (!byType.TryGetValue(resource.TypeUrl, out var named))
                byType.Add(resource.TypeUrl, named = new Dictionary<string, XdsResource>(StringComparer.Ordinal));
            if (!named.TryAdd(resource.Name, resource))
                duplicates.Add(resource);
        }
        return new Snapshot(
            byType.ToImmutableSortedDictionary(
                type => type.Key, type => ResourceSet.Create(type.Key, type.Value.Values), TypeUrl.Comparer),
            duplicates.ToImmutable());
    }

    /// <summary>The resources of a type; the empty set if there are none.</summary>
    /// <param name="typeUrl">The type.</param>
    public ResourceSet Get(string typeUrl)
    {
        ArgumentNullException.ThrowIfNull(typeUrl);
        return _sets.GetValueOrDefault(typeUrl) ?? EmptySet(typeUrl);
    }

    /// <summary>
    /// This snapshot with the very objects of an earlier one wherever the content is equal: then a reference says that
    /// nothing changed, what was worked out is kept, and equal content is in memory once.
    /// </summary>
    /// <param name="earlier">What was served before; null where there was nothing.</param>
    public Snapshot Reuse(ValidatedSnapshot? earlier)
    {
        if (earlier is null)
            return this;
        var sets = Sets;
        foreach (var (typeUrl, set) in Sets)
        {
            var reused = set.Reuse(earlier.Get(typeUrl));
            if (!ReferenceEquals(reused, set))
                sets = sets.SetItem(typeUrl, reused);
        }
        return ReferenceEquals(sets, Sets) ? this : new Snapshot(sets, Duplicates);
    }

    /// <summary>The set without resources: one object per known type.</summary>
    internal static ResourceSet EmptySet(string typeUrl) =>
        Empties.GetValueOrDefault(typeUrl) ?? ResourceSet.Empty(typeUrl);

    /// <summary>
    /// This snapshot with some resources in place of those of the same type and name, or beside them.
    /// </summary>
    /// <param name="replacements">Resources that it has with other content, or not at all; each name once.</param>
    internal Snapshot Replace(IReadOnlyCollection<XdsResource> replacements)
    {
        var sets = Sets;
        foreach (var ofType in replacements.GroupBy(resource => resource.TypeUrl, StringComparer.Ordinal))
        {
            var byName = ofType.ToDictionary(resource => resource.Name, StringComparer.Ordinal);
            var merged = Get(ofType.Key).Resources.ToBuilder();
            for (var place = 0; place < merged.Count; place++)
            {
                if (byName.Remove(merged[place].Name, out var other))
                    merged[place] = other;
            }

            var added = byName.Values.OrderBy(static resource => resource.Name, StringComparer.Ordinal).ToList();
            var replaced = ResourceSet.FromOrdered(ofType.Key, merged.DrainToImmutable());
            sets = sets.SetItem(ofType.Key, replaced.With(added));
        }
        return new Snapshot(sets, Duplicates);
    }

    /// <summary>This snapshot with another set of a type.</summary>
    internal Snapshot WithSet(ResourceSet set) => new(Sets.SetItem(set.TypeUrl, set), Duplicates);

    /// <summary>This snapshot with other contents under some names; null leaves a name out.</summary>
    /// <param name="changes">Each name of a type once.</param>
    internal Snapshot Change(IEnumerable<(string TypeUrl, string Name, XdsResource? Resource)> changes)
    {
        var sets = Sets;
        foreach (var ofType in changes.GroupBy(static change => change.TypeUrl, StringComparer.Ordinal))
        {
            var names = ofType.Select(static change => change.Name).ToHashSet(StringComparer.Ordinal);
            var resources = Get(ofType.Key).Resources.Where(old => !names.Contains(old.Name))
                .Concat(ofType.Select(static change => change.Resource).OfType<XdsResource>());
            sets = sets.SetItem(ofType.Key, ResourceSet.Create(ofType.Key, resources));
        }

        return new Snapshot(sets, Duplicates);
    }
}
