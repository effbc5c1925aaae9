namespace SelfHeal.Lab.Processes;

/// <summary>The loopback ports of one run; <see cref="Samples"/> are those that the sample files name.</summary>
/// <param name="Listener">Envoy's listener, where load goes in.</param>
/// <param name="Stable">The stable upstream version.</param>
/// <param name="Canary">The canary version.</param>
/// <param name="Xds">SelfHeal's gRPC port: ADS and the stats sink.</param>
/// <param name="EnvoyAdmin">Envoy's admin interface.</param>
/// <param name="SelfHealAdmin">SelfHeal's HTTP API.</param>
public sealed record LabPorts(int Listener, int Stable, int Canary, int Xds, int EnvoyAdmin, int SelfHealAdmin)
{
    /// <summary>Istiod's ADS, in delegate mode. Default: 15010.</summary>
    public int Istiod { get; init; } = 15010;

    /// <summary>The ports in <c>samples/envoy-configs/</c>.</summary>
    public static LabPorts Samples { get; } = new(10080, 18081, 18082, 18000, 9901, 9902);

    /// <summary>Free ones, so that several runs and a user's own Envoy do not meet.</summary>
    public static LabPorts Free()
    {
        var ports = FreePorts.Take(6);
        return new LabPorts(ports[0], ports[1], ports[2], ports[3], ports[4], ports[5]);
    }
}
