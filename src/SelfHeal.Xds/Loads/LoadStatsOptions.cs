namespace SelfHeal.Xds.Loads;

/// <summary>What one stream of load reports is asked for.</summary>
public sealed record LoadStatsOptions
{
    /// <summary>Unique within the process. No default.</summary>
    public required long Stream { get; init; }

    /// <summary>How often a proxy is asked to report; it may do so less often. Default: 5 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Clusters, localities, endpoints and drop categories that one report may name; one with more ends the
    /// stream with RESOURCE_EXHAUSTED. Default: 200,000, which is what the table keeps of all proxies.</summary>
    public int RowsMax { get; init; } = 200_000;
}
