namespace SelfHeal.Sidecar.Config;

/// <summary>
/// The whole configuration file. Instances come from <see cref="Loading.ConfigLoader"/> only, so whoever holds one
/// holds values that passed every check.
/// </summary>
internal sealed class SelfHealOptions
{
    /// <summary>Who serves Envoy's configuration: standalone or delegate. Default: standalone.</summary>
    public OperatingMode Mode { get; init; } = OperatingMode.Standalone;

    /// <summary>The gRPC listener that Envoy connects to, and what it serves.</summary>
    public XdsOptions Xds { get; init; } = new();

    /// <summary>The ADS server that is relayed in delegate mode.</summary>
    public UpstreamOptions Upstream { get; init; } = new();

    /// <summary>The HTTP listener for people, probes and scrapers.</summary>
    public AdminOptions Admin { get; init; } = new();

    /// <summary>What is kept on disk.</summary>
    public StateOptions State { get; init; } = new();

    /// <summary>When a signal counts as a breach.</summary>
    public DetectionOptions Detection { get; init; } = new();

    /// <summary>What Envoys report of their upstreams' load (LRS).</summary>
    public LoadOptions Loads { get; init; } = new();

    /// <summary>What is counted of Envoys' access logs (ALS).</summary>
    public AccessLogOptions AccessLogs { get; init; } = new();

    /// <summary>What SelfHeal may do by itself, and how success is judged.</summary>
    public PolicyOptions Policy { get; init; } = new();

    /// <summary>What the judgement sees and decides, kept for <c>selfheal replay</c>; off without directory.</summary>
    public RecordingOptions Recording { get; init; } = new();

    /// <summary>The log of the running process.</summary>
    public LoggingOptions Logging { get; init; } = new();
}
