using System.Collections.Immutable;
using System.Runtime.InteropServices;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Sessions;

/// <summary>
/// Names that a client asks for, without <c>*</c>: immutable, sorted, and shared by all streams that ask for the same.
/// </summary>
internal sealed class NameSet
{
    // Smaller ones are not worth a look-up.
    private const int SharedFrom = 16;

    // Envoys of a group ask for the same names, so there are about as many sets as groups, and a few more while they
    // move from one to the next. Beyond it equal sets are in memory more than once, and nothing else happens.
    private static readonly WeakCache<NameSet> Shared = new(4096);

    private readonly ImmutableArray<string> _globs;

    private NameSet(ImmutableArray<string> names)
    {
        Names = names;
        _globs = [.. names.Where(XdstpName.IsGlob)];
    }

    /// <summary>No names.</summary>
    public static NameSet Empty { get; } = new([]);

    /// <summary>Ordinally.</summary>
    public ImmutableArray<string> Names { get; }

    public int Count => Names.Length;

    /// <summary>Whether some of the names stand for a whole collection.</summary>
    public bool HasGlobs => !_globs.IsEmpty;

    /// <summary>A set of names in any order, repeated or not.</summary>
    /// <param name="names">Without <c>*</c>.</param>
    /// <param name="known">Its strings are used where they are equal, so that a name is in memory once.</param>
    public static NameSet Of(IEnumerable<string> names, ResourceSet? known = null)
    {
        var sorted = names.Select(XdstpName.Normalize).ToArray();
        if (sorted.Length == 0)
            return Empty;
        if (!IsStrictlySorted(sorted))
        {
            Array.Sort(sorted, StringComparer.Ordinal);
            var distinct = 1;
            for (var index = 1; index < sorted.Length; index++)
            {
                if (!string.Equals(sorted[index], sorted[distinct - 1], StringComparison.Ordinal))
                    sorted[distinct++] = sorted[index];
            }
            Array.Resize(ref sorted, distinct);
        }
        return FromSorted(sorted, known);
    }

    /// <summary>Whether a resource of this name is asked for, by its name or by a collection that it is in.</summary>
    public bool Contains(string name)
    {
        if (Names.BinarySearch(name, StringComparer.Ordinal) >= 0)
            return true;
        foreach (var glob in _globs)
        {
            if (XdstpName.IsIn(name, glob))
                return true;
        }
        return false;
    }

    /// <summary>Whether a resource is asked for, by any of its names.</summary>
    public bool Selects(XdsResource resource)
    {
        if (Contains(resource.Name))
            return true;
        foreach (var alias in resource.Aliases)
        {
            if (Contains(alias))
                return true;
        }
        return false;
    }

    /// <summary>The set's own string for a name; the given one if the set does not have it.</summary>
    public string Intern(string name)
    {
        var place = Names.BinarySearch(name, StringComparer.Ordinal);
        return place >= 0 ? Names[place] : name;
    }

    public NameSet Union(NameSet other)
    {
        if (other.Count == 0 || ReferenceEquals(this, other))
            return this;
        if (Count == 0)
            return other;
        var merged = new List<string>(Count + other.Count);
        var next = 0;
        foreach (var name in Names)
        {
            while (next < other.Count && string.CompareOrdinal(other.Names[next], name) < 0)
                merged.Add(other.Names[next++]);
            if (next < other.Count && string.Equals(other.Names[next], name, StringComparison.Ordinal))
                next++;
            merged.Add(name);
        }
        while (next < other.Count)
            merged.Add(other.Names[next++]);
        return merged.Count == Count ? this : FromSorted([.. merged], null);
    }

    public NameSet Except(NameSet other)
    {
        if (other.Count == 0 || Count == 0)
            return this;
        if (ReferenceEquals(this, other))
            return Empty;
        var rest = new List<string>(Count);
        var next = 0;
        foreach (var name in Names)
        {
            while (next < other.Count && string.CompareOrdinal(other.Names[next], name) < 0)
                next++;
            if (next == other.Count || !string.Equals(other.Names[next], name, StringComparison.Ordinal))
                rest.Add(name);
        }
        return rest.Count == Count ? this : FromSorted([.. rest], null);
    }

    private static NameSet FromSorted(string[] sorted, ResourceSet? known)
    {
        if (sorted.Length == 0)
            return Empty;
        if (sorted.Length < SharedFrom)
            return new NameSet([.. sorted]);
        return Shared.GetOrAdd(
            Hash(sorted),
            set => set.Names.AsSpan().SequenceEqual(sorted),
            () =>
            {
                if (known is not null)
                    UseStringsOf(known, sorted);
                return new NameSet(ImmutableCollectionsMarshal.AsImmutableArray(sorted));
            });
    }

    /// <summary>Within this process only: nothing that is sent or kept depends on it.</summary>
    internal static long Hash(IReadOnlyList<string> names)
    {
        var hash = 17L;
        for (var index = 0; index < names.Count; index++)
            hash = unchecked((hash * 1_000_003) ^ (uint)names[index].GetHashCode(StringComparison.Ordinal));
        return hash;
    }

    private static void UseStringsOf(ResourceSet known, string[] sorted)
    {
        var place = 0;
        foreach (var resource in known.Resources)
        {
            while (place < sorted.Length && string.CompareOrdinal(sorted[place], resource.Name) < 0)
                place++;
            if (place < sorted.Length && string.Equals(sorted[place], resource.Name, StringComparison.Ordinal))
                sorted[place] = resource.Name;
        }
    }

    private static bool IsStrictlySorted(string[] names)
    {
        for (var index = 1; index < names.Length; index++)
        {
            if (string.CompareOrdinal(names[index - 1], names[index]) >= 0)
                return false;
        }
        return true;
    }
}
