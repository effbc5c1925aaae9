namespace SelfHeal.Core.Loads;

/// <summary>One locality's part of a cluster's traffic.</summary>
/// <param name="Locality">Where.</param>
/// <param name="Priority">The priority of its endpoints.</param>
/// <param name="Counts">Its requests over the periods that were asked for; under way as last reported.</param>
/// <param name="SharePpm">Its part of what the cluster's proxies issued, in millionths; zero when they issued nothing.
/// </param>
/// <param name="ErrorPpm">Errors among its completed requests, in millionths; null when none completed.</param>
public sealed record LocalityShare(
    LocalityName Locality, int Priority, LoadCounts Counts, int SharePpm, int? ErrorPpm);
