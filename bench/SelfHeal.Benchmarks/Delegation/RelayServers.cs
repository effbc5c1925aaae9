using System.Globalization;
using SelfHeal.Benchmarks.Servers;
using SelfHeal.Lab.Processes;

namespace SelfHeal.Benchmarks.Delegation;

/// <summary>Starts the two processes between which and beside which a relay's latency is measured.</summary>
internal static class RelayServers
{
    /// <summary>The upstream; <see cref="ServerProcess.Admin"/> is its control port.</summary>
    public static Task<ServerProcess> StartUpstreamAsync(CancellationToken cancellationToken)
    {
        var ports = FreePorts.Take(2);
        var program = Environment.ProcessPath
            ?? throw new InvalidOperationException("the path of this program is unknown");
        return ServerProcess.StartAsync(
            "the upstream", Directory.CreateTempSubdirectory("selfheal-bench-").FullName, program,
            ["relay-upstream", Text(ports[0]), Text(ports[1])], ports[0], ports[1], "/stats", isPinned: false,
            cancellationToken);
    }

    /// <summary><c>selfheal serve</c> in delegate mode.</summary>
    /// <param name="upstreamPort">What it relays.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public static Task<ServerProcess> StartRelayAsync(int upstreamPort, CancellationToken cancellationToken)
    {
        var ports = FreePorts.Take(2);
        var directory = Directory.CreateTempSubdirectory("selfheal-bench-").FullName;
        var config = Path.Combine(directory, "selfheal.yaml");
        File.WriteAllText(config, string.Create(CultureInfo.InvariantCulture, $$"""
            mode: delegate
            xds: { listen: 127.0.0.1:{{ports[0]}} }
            upstream: { addresses: ["http://127.0.0.1:{{upstreamPort}}"] }
            admin: { listen: 127.0.0.1:{{ports[1]}} }
            state: { directory: state }

            """));
        return ServerProcess.StartAsync(
            "selfheal serve in delegate mode", directory, Path.Combine(AppContext.BaseDirectory, "selfheal"),
            ["serve", "--config", config], ports[0], ports[1], "/readyz", isPinned: false, cancellationToken);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
