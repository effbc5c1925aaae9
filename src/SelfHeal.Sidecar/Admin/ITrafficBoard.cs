namespace SelfHeal.Sidecar.Admin;

/// <summary>
/// What the admin API knows of the traffic through the proxies. The running process asks its control loop, tests answer
/// from memory. Every member may be called from any thread at any time; null means that the control loop does not
/// answer.
/// </summary>
internal interface ITrafficBoard
{
    /// <summary>Whether access logs are counted.</summary>
    bool CountsAccessLogs { get; }

    /// <summary>What proxies reported last of their upstreams' load.</summary>
    /// <param name="cluster">Only this cluster; null: every one.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    Task<LoadListing?> LoadsAsync(string? cluster, CancellationToken cancellationToken);

    /// <summary>A cluster's traffic by locality.</summary>
    /// <param name="cluster">Any text a caller sent.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    Task<TrafficStatus?> TrafficAsync(string cluster, CancellationToken cancellationToken);

    /// <summary>Whether an endpoint has no request left.</summary>
    /// <param name="cluster">Any text a caller sent.</param>
    /// <param name="endpoint">Any text a caller sent.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    Task<DrainStatus?> DrainAsync(string cluster, string endpoint, CancellationToken cancellationToken);

    /// <summary>How requests ended, by cluster, host and route, over the last intervals.</summary>
    /// <param name="intervals">How many.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    Task<AccessLogListing?> AccessLogsAsync(int intervals, CancellationToken cancellationToken);
}
