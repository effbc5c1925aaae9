using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>
/// What Envoys report of their upstreams' load (LRS), for those whose bootstrap has load_stats_config.
/// </summary>
internal sealed class LoadOptions
{
    /// <summary>
    /// How often Envoy is asked to report; it may report less often. Default: 5s. Limits: 100ms to 5m.
    /// </summary>
    [Limits("100ms", "5m")]
    public TimeSpan ReportInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many clusters, localities and endpoints are kept, counted in each of the last 12 periods of each Envoy;
    /// further ones are left out, counted. About 150 bytes each. Default: 200000. Limits: 1000 to 10000000.
    /// </summary>
    [Limits("1000", "10000000")]
    public int MaxRows { get; init; } = 200_000;

    /// <summary>
    /// How long an Envoy that has gone is waited for before an endpoint counts as drained without its word; also after
    /// the start. Default: 30s. Limits: 100ms to 1h.
    /// </summary>
    [Limits("100ms", "1h")]
    public TimeSpan DepartureGrace { get; init; } = TimeSpan.FromSeconds(30);
}
