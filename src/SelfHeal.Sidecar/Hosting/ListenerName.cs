namespace SelfHeal.Sidecar.Hosting;

/// <summary>The doors of the process.</summary>
internal enum ListenerName
{
    /// <summary>gRPC: ADS and the stats sink.</summary>
    Xds,

    /// <summary>HTTP: the admin API, probes and metrics.</summary>
    Admin,
}
