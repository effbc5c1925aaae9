namespace SelfHeal.Lab.DataPlane;

/// <summary>What a real Envoy reads from its bootstrap.</summary>
public sealed record ModelEnvoyOptions
{
    /// <summary>The ADS server, such as <c>http://127.0.0.1:18000</c>.</summary>
    public required Uri AdsAddress { get; init; }

    /// <summary>The server of the stats sink. Null, the default: the same as <see cref="AdsAddress"/>.</summary>
    public Uri? MetricsAddress { get; init; }

    /// <summary>The node's id. Default <c>model-envoy</c>.</summary>
    public string NodeId { get; init; } = "model-envoy";

    /// <summary>The node's cluster. Default <c>lab</c>.</summary>
    public string NodeCluster { get; init; } = "lab";

    /// <summary>Whether ADS runs in its delta form. Default false: state of the world.</summary>
    public bool Delta { get; init; }

    /// <summary>The stats flush interval. Default 5 s, as Envoy's; at least 10 ms.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The seed of weights and back-off. Default 1.</summary>
    public ulong Seed { get; init; } = 1;
}
