using System.Collections.Immutable;

namespace SelfHeal.Core.Loads;

/// <summary>The answer to a <see cref="DrainQuestion"/>, with what it rests on.</summary>
/// <param name="Verdict">The answer.</param>
/// <param name="Gaps">Why it is not more than it is; empty for <see cref="DrainVerdict.Drained"/>.</param>
/// <param name="InProgress">Requests under way, summed over all proxies.</param>
/// <param name="Proxies">What each says, by node.</param>
public sealed record DrainEvidence(
    DrainVerdict Verdict, ImmutableArray<DrainGap> Gaps, long InProgress, ImmutableArray<ProxyDrain> Proxies);
