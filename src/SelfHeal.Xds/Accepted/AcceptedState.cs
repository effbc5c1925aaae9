using System.Collections.Immutable;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Accepted;

/// <summary>What the nodes of one group have accepted, as it is kept.</summary>
/// <param name="Group">The group.</param>
/// <param name="At">When it was put together.</param>
/// <param name="Since">For a last-known-good: since when it has been one; otherwise the same as
/// <paramref name="At"/>.</param>
/// <param name="Types">Resources by type, each sorted by name.</param>
public sealed record AcceptedState(
    string Group,
    DateTimeOffset At,
    DateTimeOffset Since,
    ImmutableSortedDictionary<string, ImmutableArray<AcceptedResource>> Types)
{
    /// <summary>How many resources are in it, withheld ones included.</summary>
    public int Count => Types.Values.Sum(static type => type.Length);

    /// <summary>
    /// The resources without content whose absence would delete them from the proxies that hold them: clusters,
    /// listeners and scoped routes, of which every answer states the whole set.
    /// </summary>
    public IEnumerable<string> Undeliverable => Types.Where(static type => TypeUrl.IsFullState(type.Key))
        .SelectMany(static type => type.Value.Where(static each => each.IsWithheld)
            .Select(each => $"{TypeUrl.FullName(type.Key)} '{each.Name}'"));
}
