using System.Collections.Immutable;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>A change on its way to the streams.</summary>
/// <param name="Snapshot">What is served from then on.</param>
/// <param name="Changed">The names that changed, by type; null: take it that all of the type did.</param>
/// <param name="IsForced">Whether every watched type is sent whole.</param>
internal sealed record IstiodPush(
    IstiodSnapshot Snapshot, ImmutableDictionary<string, ImmutableHashSet<string>?> Changed, bool IsForced)
{
    /// <summary>Whether a type is sent. What changes clusters changes what their endpoints are made of.</summary>
    public bool Concerns(string type) =>
        IsForced || Changed.ContainsKey(type)
        || (type is TypeUrl.ClusterLoadAssignment && Changed.ContainsKey(TypeUrl.Cluster));

    /// <summary>What changed of a type; null: all of it.</summary>
    public ImmutableHashSet<string>? NamesOf(string type)
    {
        if (IsForced)
            return null;
        if (type is not TypeUrl.ClusterLoadAssignment)
            return Changed.GetValueOrDefault(type);
        ImmutableHashSet<string>?[] both =
        [
            .. Changed.Where(static of => of.Key is TypeUrl.Cluster or TypeUrl.ClusterLoadAssignment)
                .Select(static of => of.Value),
        ];
        return both.Aggregate(Union);
    }

    /// <summary>Two pushes that a busy stream gets as one.</summary>
    public IstiodPush Merge(IstiodPush later)
    {
        var changed = Changed;
        foreach (var (type, names) in later.Changed)
            changed = changed.SetItem(type, changed.TryGetValue(type, out var first) ? Union(first, names) : names);
        return new IstiodPush(later.Snapshot, changed, IsForced || later.IsForced);
    }

    private static ImmutableHashSet<string>? Union(ImmutableHashSet<string>? left, ImmutableHashSet<string>? right) =>
        left is null || right is null ? null : left.Union(right);
}
