namespace SelfHeal.Core.Loads;

/// <summary>How much of load reports is kept.</summary>
public sealed class LoadTableOptions
{
    /// <summary>Open streams kept. Default 2,000, as many as the service admits; a stream beyond it is refused and
    /// counted, and no endpoint counts as drained while it reports.</summary>
    public int StreamLimit { get; init; } = 2_000;

    /// <summary>
    /// Rows kept over all streams: clusters, localities, endpoints, drop categories, per period. Default 200,000, about
    /// 30 MB. A cluster's report beyond it is left out and counted, and the cluster says so.
    /// </summary>
    public int RowLimit { get; init; } = 200_000;

    /// <summary>Periods kept per stream and cluster. Default 12, a minute at 5 s; 1 to 1,000.</summary>
    public int Periods { get; init; } = 12;

    /// <summary>
    /// How long a proxy that has gone is waited for: it may have lost its connection and not its requests. Default
    /// 30 s, Envoy's longest pause between attempts to connect to its management server.
    /// </summary>
    public TimeSpan DepartureGrace { get; init; } = TimeSpan.FromSeconds(30);
}
