using System.Globalization;
using SelfHeal.Lab.Processes;

namespace SelfHeal.Benchmarks.Servers;

/// <summary>
/// Starts the xDS servers under measurement, each on the first core. <see cref="ServerProcess.Admin"/> is the control
/// port of each.
/// </summary>
internal static class XdsServers
{
    private const string GoControlPlaneVariable = "GCP_ADSSERVER_BIN";

    /// <summary>
    /// The runtime's settings of the executable <c>selfheal</c> (SelfHeal.Sidecar.csproj), which our own program does
    /// not have; the yardstick gets them too.
    /// </summary>
    private static readonly string[] AsSelfHeal = ["DOTNET_TieredPGO=0", "DOTNET_GCConserveMemory=6"];

    private static string ThisProgram =>
        Environment.ProcessPath ?? throw new InvalidOperationException("the path of this program is unknown");

    /// <summary>All of <c>selfheal serve</c>.</summary>
    /// <param name="clusters">How many it serves.</param>
    /// <param name="nodes">How many nodes get a snapshot of their own; 0: all get the same.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public static Task<ServerProcess> StartSelfHealAsync(int clusters, int nodes, CancellationToken cancellationToken)
    {
        var ports = LabPorts.Free();
        var directory = Directory.CreateTempSubdirectory("selfheal-bench-").FullName;
        SampleConfigs.Write(directory, ports, TimeSpan.FromSeconds(5));
        var config = Path.Combine(directory, "selfheal.yaml");
        File.WriteAllText(config, string.Create(CultureInfo.InvariantCulture, $$"""
            xds: { listen: 127.0.0.1:{{ports.Xds}}, resources: "{{SampleConfigs.Resources}}" }
            admin: { listen: 127.0.0.1:{{ports.SelfHealAdmin}} }
            state: { directory: "state" }

            """));
        var control = FreePorts.Take(1)[0];
        return ServerProcess.StartAsync(
            "selfheal serve", directory, "env",
            [.. AsSelfHeal, ThisProgram, "xds-host", config, Text(control), Text(clusters), Text(nodes)], ports.Xds,
            control, "/stats", isPinned: true, cancellationToken);
    }

    /// <summary>Kestrel that writes prepared bytes.</summary>
    public static Task<ServerProcess> StartYardstickAsync(int clusters, CancellationToken cancellationToken)
    {
        var ports = FreePorts.Take(2);
        return ServerProcess.StartAsync(
            "the yardstick", Directory.CreateTempSubdirectory("selfheal-bench-").FullName, "env",
            [.. AsSelfHeal, ThisProgram, "xds-yardstick", Text(ports[0]), Text(ports[1]), Text(clusters)], ports[0],
            ports[1], "/stats", isPinned: true, cancellationToken);
    }

    /// <summary>ADS on go-control-plane's snapshot cache.</summary>
    /// <param name="clusters">How many it serves.</param>
    /// <param name="nodes">How many nodes get a snapshot of their own; 0: all get the same.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public static Task<ServerProcess> StartGoControlPlaneAsync(
        int clusters, int nodes, CancellationToken cancellationToken)
    {
        var binary = Environment.GetEnvironmentVariable(GoControlPlaneVariable);
        if (string.IsNullOrEmpty(binary) || !File.Exists(binary))
        {
            throw new InvalidOperationException(
                $"{GoControlPlaneVariable} names no file; the ratio needs go-control-plane's server");
        }

        var ports = FreePorts.Take(2);
        string[] perNode = nodes > 0 ? ["-hash", "id", "-nodes", Text(nodes)] : [];
        return ServerProcess.StartAsync(
            "go-control-plane", Directory.CreateTempSubdirectory("selfheal-bench-").FullName, binary,
            [
                "-addr", $"127.0.0.1:{Text(ports[0])}", "-ctl", $"127.0.0.1:{Text(ports[1])}",
                "-clusters", Text(clusters), .. perNode,
            ],
            ports[0], ports[1], "/stats", isPinned: true, cancellationToken);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
