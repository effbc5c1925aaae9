using System.Globalization;
using Envoy.Config.Route.V3;
using SelfHeal.Core.Remediation;
using SelfHeal.Core.Time;
using SelfHeal.FunctionalTests.EndToEnd;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.FunctionalTests.Lab.Processes;
using SelfHeal.Lab.Mesh;
using SelfHeal.Lab.Processes;
using SelfHeal.Lab.Upstream;
using SelfHeal.Sidecar.Config;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>
/// A real Envoy behind the product in delegate mode behind a real Istiod, with a tap on either side of the product and
/// two versions of a service that answer.
/// </summary>
internal sealed class MeshGateway : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sh-mesh-gateway-");
    private readonly Stack<IAsyncDisposable> _started = new();
    private readonly LabPorts _ports = LabPorts.Free();
    private readonly MeshProcess _mesh;

    private MeshGateway(MeshProcess mesh) => _mesh = mesh;

    public RelayHost Relay { get; private set; } = null!; // Set by StartAsync, the only way to get one.

    /// <summary>Between Envoy and the product.</summary>
    public AdsTap Given { get; private set; } = null!; // As above.

    /// <summary>Between the product and Istiod.</summary>
    public AdsTap Taken { get; private set; } = null!; // As above.

    public EnvoyProcess Envoy { get; private set; } = null!; // As above.

    /// <summary>The RDS resource of the gateway.</summary>
    public string RouteConfiguration => IstioSplit.RouteConfiguration(_ports);

    /// <summary>Starts everything; Envoy has the split 90 to 10 and answers.</summary>
    public static async Task<MeshGateway> StartAsync(MeshProcess mesh, bool delta, CancellationToken cancellationToken)
    {
        var gateway = new MeshGateway(mesh);
        try
        {
            await gateway.StartAsync(delta, cancellationToken);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>An overlay that takes all traffic from the second version.</summary>
    public async Task<Overlay> AllToStableAsync(CancellationToken cancellationToken)
    {
        var (host, route) = await NamesAsync(cancellationToken);
        return new Overlay.WeightedClusters(
            RouteConfiguration,
            host,
            route,
            [new ClusterWeight(IstioSplit.Cluster("v1"), 100), new ClusterWeight(IstioSplit.Cluster("v2"), 0)])
        {
            Id = "o1",
            Owner = "test",
            Reason = "the canary fails",
            IncidentId = "i1",
            ExpiresAt = DateTimeOffset.UtcNow + TimeSpan.FromHours(1),
        };
    }

    /// <summary>The weights that an Envoy holds; null if it has no route.</summary>
    public static async Task<(uint Stable, uint Canary)?> WeightsAsync(
        EnvoyProcess envoy, CancellationToken cancellationToken)
    {
        var weights = await EnvoyRoutes.WeightsAsync(envoy, cancellationToken);
        if (weights.Count == 0)
            return null;
        return (
            weights.GetValueOrDefault(IstioSplit.Cluster("v1")), weights.GetValueOrDefault(IstioSplit.Cluster("v2")));
    }

    /// <summary>Waits until Envoy has these weights.</summary>
    public Task WeightsAsync(uint stable, uint canary, CancellationToken cancellationToken) => Eventually.HoldsAsync(
        async () => await WeightsAsync(Envoy, cancellationToken) == (stable, canary),
        $"weights {stable} and {canary} in Envoy",
        Patience);

    /// <summary>A counter or gauge of Envoy; null if it has none.</summary>
    public async Task<long?> StatAsync(string name, CancellationToken cancellationToken)
    {
        var lines = (await Envoy.AdminAsync("/stats", cancellationToken)).Split('\n');
        var line = Array.Find(lines, line => line.StartsWith($"{name}: ", StringComparison.Ordinal));
        return line is null ? null : long.Parse(line[(name.Length + 2)..], CultureInfo.InvariantCulture);
    }

    /// <summary>The route configuration as Istiod last gave it to the product.</summary>
    public RouteConfiguration Pristine => Taken.Passed.FindLast(static each => each.Type == TypeUrl.RouteConfiguration)
        is { Any: { } any } && XdsResource.FromAny("?", any.Memory)?.Decode() is RouteConfiguration routes
        ? routes
        : throw new AssertionException("Istiod has given no route");

    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var part))
            await part.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private async Task StartAsync(bool delta, CancellationToken cancellationToken)
    {
        var binary = PeerRequirement.Needs(EnvoyBinary.Find(), "an Envoy (ENVOY_BIN or PATH)");
        foreach (var (version, port) in ((string, int)[])[("v1", _ports.Stable), ("v2", _ports.Canary)])
        {
            var server = new UpstreamServer(version, port, new SeededRandomSource(1), TimeProvider.System);
            _started.Push(server);
            await server.StartAsync(cancellationToken);
        }

        await _mesh.ApplyAsync(MeshFiles.Objects(_ports), cancellationToken);
        _started.Push(Taken = await AdsTap.StartAsync(_mesh.Istiod));
        var upstream = new UpstreamOptions
        {
            Addresses = [Taken.Address],
            BackoffMax = TimeSpan.FromMilliseconds(500),
        };
        _started.Push(Relay = await RelayHost.StartAsync(upstream, Path.Combine(_directory.FullName, "state")));
        _started.Push(Given = await AdsTap.StartAsync(Relay.Address));
        var bootstrap = Path.Combine(_directory.FullName, "bootstrap.yaml");
        await File.WriteAllTextAsync(
            bootstrap,
            MeshBootstrap.Render(_ports.EnvoyAdmin, Given.Port, delta, MeshBootstrap.OurLayer),
            cancellationToken);
        _started.Push(Envoy = EnvoyProcess.Start(
            binary, bootstrap, _ports, Path.Combine(_directory.FullName, "envoy.log"), TimeProvider.System));
        await Envoy.WaitReadyAsync(Patience, cancellationToken);
        await WeightsAsync(90, 10, cancellationToken);
    }

    private async Task<(string Host, string Route)> NamesAsync(CancellationToken cancellationToken)
    {
        await WeightsAsync(90, 10, cancellationToken);
        var host = Pristine.VirtualHosts.Single(static host => host.Domains.Contains(IstioSplit.Host));
        return (host.Name, host.Routes[0].Name is { Length: > 0 } name ? name : "#0");
    }
}
