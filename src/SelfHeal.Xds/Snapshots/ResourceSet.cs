using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using SelfHeal.Core;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// All resources of one type, each name once, sorted ordinally. Immutable and shared by all streams, and so is what is
/// worked out from it: its encoded bodies, what changed since an older set, and the part that a set of names selects.
/// </summary>
public sealed class ResourceSet
{
    private const int VersionCharacters = 16;

    // Streams follow the newest set, so they come from the few before it; one that comes from an older one costs a
    // comparison that is not kept.
    private const int ChangesMax = 8;

    // Name sets that are no larger are answered faster than they are found in a cache.
    private const int SelectionsFrom = 32;

    private readonly Lock _lock = new();
    private ImmutableArray<(WeakReference<ResourceSet> From, SetChange Change)> _changes = [];
    private readonly Dictionary<string, XdsResource>? _byAlias;
    private ConditionalWeakTable<object, ResourceSet>? _selections;
    private string? _version;
    private SetBody? _body;

    private ResourceSet(string typeUrl, ImmutableArray<XdsResource> resources)
    {
        TypeUrl = typeUrl;
        Resources = resources;
        for (var index = 0; index < resources.Length; index++)
        {
            var isOfType = string.Equals(resources[index].TypeUrl, typeUrl, StringComparison.Ordinal);
            Invariant.Assert(isOfType, "a set holds resources of its type only");
            var isAfter = index == 0 || string.CompareOrdinal(resources[index - 1].Name, resources[index].Name) < 0;
            Invariant.Assert(isAfter, "a set holds each name once, in ordinal order");
            foreach (var alias in resources[index].Aliases)
            {
                _byAlias ??= new Dictionary<string, XdsResource>(StringComparer.Ordinal);
                _byAlias.TryAdd(alias, resources[index]);
            }
            if (resources[index].Ttl is { } ttl && (TtlMin is null || ttl < TtlMin))
                TtlMin = ttl;
        }
    }

    /// <summary>The type.</summary>
    public string TypeUrl { get; }

    /// <summary>Ordinally by name.</summary>
    public ImmutableArray<XdsResource> Resources { get; }

    /// <summary>
    /// A hash over the type and every name, content hash and alias, so that equal content has an equal version on every
    /// replica and after every restart, and any change gives another.
    /// </summary>
    public string Version => _version ??= VersionOf(TypeUrl, Resources);

    /// <summary>
    /// Every resource framed for a DiscoveryResponse, one after another: encoded once, whoever asks.
    /// </summary>
    public ReadOnlyMemory<byte> SotwBody => Body.Sotw;

    /// <summary>Whether any of them has other names too.</summary>
    internal bool HasAliases => _byAlias is not null;

    /// <summary>The shortest time to live among them; null if none has one.</summary>
    internal TimeSpan? TtlMin { get; }

    /// <summary>The set's bytes as both variants write them.</summary>
    internal SetBody Body => _body ?? Interlocked.CompareExchange(ref _body, new SetBody(this), null) ?? _body;

    /// <summary>The set of a type that has no resources.</summary>
    /// <param name="typeUrl">The type.</param>
    public static ResourceSet Empty(string typeUrl) => new(typeUrl, []);

    /// <summary>The resource of this name, or null.</summary>
    /// <param name="name">Compared ordinally.</param>
    public XdsResource? Find(string name)
    {
        // A search costs a few comparisons more than a hash table, and a set of a thousand saves 40 kB by it.
        var low = 0;
        var high = Resources.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(Resources[middle].Name, name);
            if (order == 0)
                return Resources[middle];
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return null;
    }

    /// <summary>The resource that is called so, by its name or by one of its other names; null if none is.</summary>
    internal XdsResource? FindCalled(string name) => Find(name) ?? _byAlias?.GetValueOrDefault(name);

    /// <summary>The names under which it has nothing, sorted.</summary>
    internal ImmutableArray<string> Lacking(NameSet names)
    {
        // Few names are looked up; many are as fast in one pass over both.
        if (HasAliases || names.Count < Resources.Length / 16)
            return names.Names.RemoveAll(name => FindCalled(name) is not null);
        var lacking = ImmutableArray.CreateBuilder<string>();
        var place = 0;
        foreach (var name in names.Names)
        {
            while (place < Resources.Length && string.CompareOrdinal(Resources[place].Name, name) < 0)
                place++;
            if (place == Resources.Length || !string.Equals(Resources[place].Name, name, StringComparison.Ordinal))
                lacking.Add(name);
        }
        return lacking.DrainToImmutable();
    }

    /// <summary>What must be done to one set to get this one; worked out once, whoever asks.</summary>
    /// <param name="older">A set of the same type.</param>
    public SetChange ChangeFrom(ResourceSet older)
    {
        ArgumentNullException.ThrowIfNull(older);
        if (ReferenceEquals(older, this))
            return SetChange.None(this);
        if (FindChange(older) is { } known)
            return known;
        lock (_lock)
        {
            if (FindChange(older) is { } other)
                return other;
            var change = SetChange.Between(older, this);
            var kept = _changes.Length < ChangesMax ? _changes : _changes.RemoveAt(0);
            ImmutableInterlocked.InterlockedExchange(
                ref _changes, kept.Add((new WeakReference<ResourceSet>(older), change)));
            return change;
        }
    }

    /// <summary>A set of resources that are distinct by name, in any order.</summary>
    /// <param name="typeUrl">The type of all of them.</param>
    /// <param name="resources">No two of one name.</param>
    internal static ResourceSet Create(string typeUrl, IEnumerable<XdsResource> resources) =>
        new(typeUrl, [.. resources.OrderBy(resource => resource.Name, StringComparer.Ordinal)]);

    /// <summary>A set of resources that are distinct and sorted already.</summary>
    internal static ResourceSet FromOrdered(string typeUrl, ImmutableArray<XdsResource> ordered) =>
        new(typeUrl, ordered);

    /// <summary>The part of it that these names select; the set itself where they select all.</summary>
    internal ResourceSet Select(NameSet names)
    {
        if (names.Count < SelectionsFrom && !names.HasGlobs)
            return SelectAnew(names);
        var selections = _selections
            ?? Interlocked.CompareExchange(ref _selections, [], null) ?? _selections;
        return selections.GetValue(names, _ => SelectAnew(names));
    }

    /// <summary>The part of it that a client may see; worked out once for all that have the same rights.</summary>
    internal ResourceSet Select(ResourceAccess access)
    {
        var selections = _selections
            ?? Interlocked.CompareExchange(ref _selections, [], null) ?? _selections;
        return selections.GetValue(access, _ =>
        {
            var visible = Resources.RemoveAll(resource => !access.MayRead(TypeUrl, resource.Name));
            return visible.Length == Resources.Length ? this : new ResourceSet(TypeUrl, visible);
        });
    }

    /// <summary>This set and resources of names that it does not have.</summary>
    /// <param name="others">Sorted by name.</param>
    internal ResourceSet With(IReadOnlyList<XdsResource> others)
    {
        if (others.Count == 0)
            return this;
        var merged = ImmutableArray.CreateBuilder<XdsResource>(Resources.Length + others.Count);
        var next = 0;
        foreach (var resource in Resources)
        {
            while (next < others.Count && string.CompareOrdinal(others[next].Name, resource.Name) < 0)
                merged.Add(others[next++]);
            merged.Add(resource);
        }
        while (next < others.Count)
            merged.Add(others[next++]);
        return new ResourceSet(TypeUrl, merged.MoveToImmutable());
    }

    /// <summary>
    /// This set with the very objects of an earlier one wherever the content is equal, so that whoever compares
    /// references knows that nothing changed.
    /// </summary>
    internal ResourceSet Reuse(ResourceSet earlier)
    {
        if (ReferenceEquals(earlier, this))
            return this;
        var merged = Resources.ToBuilder();
        var place = 0;
        var reused = 0;
        for (var index = 0; index < merged.Count; index++)
        {
            while (place < earlier.Resources.Length
                && string.CompareOrdinal(earlier.Resources[place].Name, merged[index].Name) < 0)
                place++;
            if (place == earlier.Resources.Length || !earlier.Resources[place].HasContentOf(merged[index]))
                continue;
            merged[index] = earlier.Resources[place];
            reused++;
        }
        if (reused == merged.Count && reused == earlier.Resources.Length)
            return earlier;
        return reused == 0 ? this : new ResourceSet(TypeUrl, merged.MoveToImmutable());
    }

    /// <summary>The version of a set of these resources.</summary>
    /// <param name="typeUrl">The type of all of them.</param>
    /// <param name="resources">In any order; no two of one name.</param>
    public static string VersionOf(string typeUrl, ImmutableArray<XdsResource> resources)
    {
        // Not over every name: with five hundred groups of nodes, hashing them is most of what a change of all costs.
        var sum = UInt128.Zero;
        foreach (var resource in resources)
            sum += resource.Digest;
        var text = new byte[Encoding.UTF8.GetByteCount(typeUrl) + Unsafe.SizeOf<UInt128>()];
        BinaryPrimitives.WriteUInt128BigEndian(text, sum);
        Encoding.UTF8.GetBytes(typeUrl, text.AsSpan(Unsafe.SizeOf<UInt128>()));
        return Convert.ToHexStringLower(SHA256.HashData(text))[..VersionCharacters];
    }

    private SetChange? FindChange(ResourceSet older)
    {
        foreach (var (from, change) in _changes)
        {
            if (from.TryGetTarget(out var known) && ReferenceEquals(known, older))
                return change;
        }
        return null;
    }

    private ResourceSet SelectAnew(NameSet names)
    {
        var selected = ImmutableArray.CreateBuilder<XdsResource>();
        if (names.HasGlobs || HasAliases || names.Count > Resources.Length / 4)
        {
            foreach (var resource in Resources)
            {
                if (names.Selects(resource))
                    selected.Add(resource);
            }
        }
        else
        {
            foreach (var name in names.Names)
            {
                if (Find(name) is { } resource)
                    selected.Add(resource);
            }
        }
        return selected.Count == Resources.Length ? this : new ResourceSet(TypeUrl, selected.DrainToImmutable());
    }
}
