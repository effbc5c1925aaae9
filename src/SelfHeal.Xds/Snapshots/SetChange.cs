using System.Collections.Immutable;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// What makes one set of resources from another. Worked out once per pair and kept by the newer set, so a push costs
/// each stream what changed and not what exists. It does not keep the older set alive.
/// </summary>
public sealed class SetChange
{
    private ResourceSet? _withRemoved;

    private SetChange(
        ResourceSet to, ImmutableArray<XdsResource> changed, ImmutableArray<XdsResource> removedResources)
    {
        To = to;
        Changed = changed;
        RemovedResources = removedResources;
        Removed = [.. removedResources.Select(resource => resource.Name)];
    }

    /// <summary>The newer set.</summary>
    public ResourceSet To { get; }

    /// <summary>What is new or has other content, as it is in the newer set; sorted by name.</summary>
    public ImmutableArray<XdsResource> Changed { get; }

    /// <summary>The names that are gone, sorted.</summary>
    public ImmutableArray<string> Removed { get; }

    /// <summary>What is gone, as it was in the older set; sorted by name.</summary>
    public ImmutableArray<XdsResource> RemovedResources { get; }

    /// <summary>Whether both sets have the same content.</summary>
    public bool IsEmpty => Changed.IsEmpty && Removed.IsEmpty;

    /// <summary>
    /// The newer set together with what is gone: what streams are served until nobody uses the latter.
    /// </summary>
    internal ResourceSet WithRemoved =>
        _withRemoved ?? Interlocked.CompareExchange(ref _withRemoved, To.With(RemovedResources), null) ?? _withRemoved;

    internal static SetChange None(ResourceSet set) => new(set, [], []);

    /// <summary>One pass over both sets in their common order.</summary>
    internal static SetChange Between(ResourceSet older, ResourceSet newer)
    {
        var changed = ImmutableArray.CreateBuilder<XdsResource>();
        var removed = ImmutableArray.CreateBuilder<XdsResource>();
        var before = older.Resources;
        var after = newer.Resources;
        var left = 0;
        var right = 0;
        while (left < before.Length && right < after.Length)
        {
            if (ReferenceEquals(before[left], after[right]))
            {
                left++;
                right++;
                continue;
            }
            var order = string.CompareOrdinal(before[left].Name, after[right].Name);
            if (order < 0)
                removed.Add(before[left++]);
            else if (order > 0)
                changed.Add(after[right++]);
            else
            {
                if (!before[left].HasContentOf(after[right]))
                    changed.Add(after[right]);
                left++;
                right++;
            }
        }
        while (left < before.Length)
            removed.Add(before[left++]);
        while (right < after.Length)
            changed.Add(after[right++]);
        return new SetChange(newer, changed.DrainToImmutable(), removed.DrainToImmutable());
    }
}
