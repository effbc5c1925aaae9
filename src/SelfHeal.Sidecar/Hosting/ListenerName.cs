namespace SelfHeal.Sidecar.Hosting;

/// <summary>The doors of the process.</summary>
internal enum ListenerName
{
    /// <summary>gRPC: xDS streams, the stats sink, load reports and access logs.</summary>
    Xds,

    /// <summary>HTTP: xDS fetches.</summary>
    Rest,

    /// <summary>HTTP: the admin API, probes and metrics.</summary>
    Admin,
}
