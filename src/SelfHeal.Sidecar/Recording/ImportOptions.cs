using SelfHeal.Core.Control;
using SelfHeal.Core.Topology;

namespace SelfHeal.Sidecar.Recording;

/// <summary>What raw frames do not say and an import needs.</summary>
internal sealed record ImportOptions
{
    /// <summary>What the control loop of the replay is told.</summary>
    public required ControlLoopOptions Control { get; init; }

    /// <summary>Services and routes; null makes every cluster that has stats a service of its own.</summary>
    public GatewayTopology? Topology { get; init; }

    /// <summary>Envoy's node id; null takes it from the first message.</summary>
    public string? Node { get; init; }

    /// <summary>Series kept.</summary>
    public int SeriesMax { get; init; } = 200_000;
}
