using System.Collections.Immutable;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Sessions;

/// <summary>
/// What one client has of one type: a set that all streams share, and the few names in which this client differs from
/// it. Immutable. A thousand clients that hold a thousand resources cost a thousand small objects.
/// </summary>
public sealed class ClientContents
{
    private static readonly ImmutableSortedDictionary<string, ClientEntry> None =
        ImmutableSortedDictionary.Create<string, ClientEntry>(StringComparer.Ordinal);

    internal ClientContents(ResourceSet set, ImmutableSortedDictionary<string, ClientEntry>? exceptions = null)
    {
        Set = set;
        Exceptions = exceptions ?? None;
    }

    /// <summary>The type.</summary>
    public string TypeUrl => Set.TypeUrl;

    /// <summary>How many resources it has.</summary>
    public int Count
    {
        get
        {
            var count = Set.Resources.Length;
            foreach (var (name, entry) in Exceptions)
                count += (entry.IsAbsent ? 0 : 1) - (Set.Find(name) is null ? 0 : 1);
            return count;
        }
    }

    /// <summary>Name and content hash of all that it has, sorted by name.</summary>
    public IEnumerable<ResourceVersion> Versions
    {
        get
        {
            foreach (var (name, entry) in Entries())
                yield return new ResourceVersion(name, entry.ContentHash ?? string.Empty);
        }
    }

    /// <summary>
    /// All that it has and that is known here, sorted by name. What an earlier stream gave a client, and this process
    /// never saw, is not among it.
    /// </summary>
    public IEnumerable<XdsResource> Resources => Exceptions.IsEmpty
        ? Set.Resources
        : Entries().Select(each => each.Entry.Resource).OfType<XdsResource>();

    /// <summary>The set from which the client differs in <see cref="Exceptions"/> only.</summary>
    internal ResourceSet Set { get; }

    /// <summary>The names in which the client does not have what the set has.</summary>
    internal ImmutableSortedDictionary<string, ClientEntry> Exceptions { get; }

    /// <summary>A client that has nothing of a type.</summary>
    /// <param name="typeUrl">The type.</param>
    public static ClientContents Empty(string typeUrl) => new(Snapshot.EmptySet(typeUrl));

    /// <summary>A client that has exactly this.</summary>
    /// <param name="set">What it has.</param>
    public static ClientContents Of(ResourceSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return new ClientContents(set);
    }

    /// <summary>What it has under a name; null if it has nothing, or something that is not known here.</summary>
    /// <param name="name">Compared ordinally.</param>
    public XdsResource? Find(string name) => Get(name).Resource;

    /// <summary>The hash of what it has under a name; null if it has nothing.</summary>
    /// <param name="name">Compared ordinally.</param>
    public string? FindHash(string name) => Get(name).ContentHash;

    /// <summary>Whether it has anything under a name.</summary>
    /// <param name="name">Compared ordinally.</param>
    public bool Contains(string name) => !Get(name).IsAbsent;

    internal ClientEntry Get(string name) =>
        Exceptions.TryGetValue(name, out var entry) ? entry : ClientEntry.Of(Set.Find(name));

    /// <summary>These contents with other ones under some names.</summary>
    internal ClientContents With(IEnumerable<KeyValuePair<string, ClientEntry>> entries)
    {
        var exceptions = Exceptions.ToBuilder();
        foreach (var (name, entry) in entries)
        {
            if (ClientEntry.Of(Set.Find(name)).HasContentOf(entry))
                exceptions.Remove(name);
            else
                exceptions[name] = entry;
        }
        return new ClientContents(Set, exceptions.ToImmutable());
    }

    /// <summary>These contents without some names.</summary>
    internal ClientContents Without(NameSet names) => names.Count == 0
        ? this
        : With(names.Names.Select(name => KeyValuePair.Create(name, ClientEntry.Absent)));

    /// <summary>These contents with these names only.</summary>
    internal ClientContents Select(NameSet names) => new(
        Set.Select(names),
        Exceptions.IsEmpty ? null : Exceptions.RemoveRange(Exceptions.Keys.Where(name => !names.Contains(name))));

    /// <summary>
    /// The names under which a client that has this may lack what a set has: in the order in which they come, sorted,
    /// each once. It costs what changed between the two sets and what the client differs in.
    /// </summary>
    internal List<string> NamesThatMayDiffer(ResourceSet wanted)
    {
        var change = wanted.ChangeFrom(Set);
        var names = new List<string>(change.Changed.Length + change.Removed.Length + Exceptions.Count);
        foreach (var resource in change.Changed)
            names.Add(resource.Name);
        names.AddRange(change.Removed);
        names.AddRange(Exceptions.Keys);
        return names;
    }

    /// <summary>Whether a client that has the one has the other.</summary>
    /// <param name="other">Of the same type.</param>
    /// <param name="usesTtl">Whether another time to live is another content to it.</param>
    internal bool HasContentOf(ClientContents other, bool usesTtl = true)
    {
        if (ReferenceEquals(this, other))
            return true;
        foreach (var name in NamesThatMayDiffer(other.Set).Concat(other.Exceptions.Keys))
        {
            var (has, goal) = (Get(name), other.Get(name));
            var isHeld = !usesTtl && goal.Resource is { } resource
                ? has.HoldsContent(resource)
                : has.HasContentOf(goal);
            if (!isHeld)
                return false;
        }
        return true;
    }

    private IEnumerable<(string Name, ClientEntry Entry)> Entries()
    {
        var exceptions = Exceptions.GetEnumerator();
        var hasNext = exceptions.MoveNext();
        foreach (var resource in Set.Resources)
        {
            while (hasNext && string.CompareOrdinal(exceptions.Current.Key, resource.Name) < 0)
            {
                if (!exceptions.Current.Value.IsAbsent)
                    yield return (exceptions.Current.Key, exceptions.Current.Value);
                hasNext = exceptions.MoveNext();
            }
            if (hasNext && string.Equals(exceptions.Current.Key, resource.Name, StringComparison.Ordinal))
            {
                if (!exceptions.Current.Value.IsAbsent)
                    yield return (resource.Name, exceptions.Current.Value);
                hasNext = exceptions.MoveNext();
            }
            else
                yield return (resource.Name, ClientEntry.Of(resource));
        }
        for (; hasNext; hasNext = exceptions.MoveNext())
        {
            if (!exceptions.Current.Value.IsAbsent)
                yield return (exceptions.Current.Key, exceptions.Current.Value);
        }
    }
}
