using System.Diagnostics;
using System.Globalization;
using SelfHeal.Core.Time;
using SelfHeal.FunctionalTests.Lab.DataPlane;
using SelfHeal.Lab;
using SelfHeal.Lab.Processes;
using SelfHeal.Lab.Upstream;
using static SelfHeal.FunctionalTests.Lab.DataPlane.PaymentsResources;

namespace SelfHeal.FunctionalTests.Lab.Processes;

[TestFixture]
[CancelAfter(60_000)]
public sealed class EnvoyProcessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private string _directory = null!; // Set up before each test.
    private string _binary = null!; // Set up before each test.

    [SetUp]
    public void SetUp()
    {
        _binary = PeerRequirement.Needs(EnvoyBinary.Find(), "an Envoy (ENVOY_BIN or PATH)");
        _directory = Directory.CreateTempSubdirectory("selfheal-envoy-").FullName;
    }

    [TearDown]
    public void TearDown()
    {
        if (_directory is not null)
            Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public async Task Start_WithAds_CarriesRequestsAndStopLeavesNothing(CancellationToken cancellationToken)
    {
        await using var upstream = new UpstreamServer("v1", 0, new SeededRandomSource(1), TimeProvider.System);
        await upstream.StartAsync(cancellationToken);
        await using var server = await FakeAdsServer.StartAsync();
        var ports = LabPorts.Free() with { Xds = server.Address.Port };
        server.Set(ClusterType, ("payments-v1", EdsCluster("payments-v1")), ("payments-v2", EdsCluster("payments-v2")));
        server.Set(
            EndpointType,
            ("payments-v1", Assignment("payments-v1", upstream.Address.Port)),
            ("payments-v2", Assignment("payments-v2", upstream.Address.Port)));
        server.Set(ListenerType, ("payments-listener", HttpListener(ports.Listener)));
        server.Set(RouteType, ("payments-routes", Routes(90, 10)));

        int id;
        await using (var envoy = StartEnvoy(ports))
        {
            await envoy.WaitReadyAsync(Patience, cancellationToken);
            using var client = new HttpClient();
            using var response = await client.GetAsync(envoy.Listener, cancellationToken);
            response.EnsureSuccessStatusCode();
            var before = await envoy.RouteDigestAsync("payments-routes", cancellationToken);
            server.Set(RouteType, ("payments-routes", Routes(100, 0)));
            await server.Sotw.WaitForAsync(request => request.TypeUrl is RouteType && request.VersionInfo is "2");
            var shifted = await envoy.RouteDigestAsync("payments-routes", cancellationToken);
            server.Set(RouteType, ("payments-routes", Routes(90, 10)));
            await server.Sotw.WaitForAsync(request => request.TypeUrl is RouteType && request.VersionInfo is "3");

            Assert.That(envoy.Description, Does.Match(@"^Envoy \d+\.\d+"));
            Assert.That(before, Is.Not.Null);
            Assert.That(shifted, Is.Not.EqualTo(before));
            Assert.That(await envoy.RouteDigestAsync("payments-routes", cancellationToken), Is.EqualTo(before));
            Assert.That(await envoy.AdminAsync("/clusters", cancellationToken), Does.Contain("payments-v2::"));
            Assert.That(envoy.Failure, Is.Null);
            id = envoy.Id;
        }

        Assert.That(() => Process.GetProcessById(id), Throws.ArgumentException);
    }

    [Test]
    public void WaitReady_BadBootstrap_SaysWhatEnvoySaid(CancellationToken cancellationToken)
    {
        File.WriteAllText(Path.Combine(_directory, "bootstrap.yaml"), "no_such_key: 1\n");
        var exception = Assert.ThrowsAsync<LabException>(async () =>
        {
            await using var envoy = EnvoyProcess.Start(
                _binary,
                Path.Combine(_directory, "bootstrap.yaml"),
                LabPorts.Free(),
                Path.Combine(_directory, "envoy.log"),
                TimeProvider.System);
            await envoy.WaitReadyAsync(Patience, cancellationToken);
        });

        Assert.That(exception?.Message, Does.Contain("no_such_key"));
    }

    [Test]
    public async Task Kill_RunningEnvoy_SaysThatItHasEnded(CancellationToken cancellationToken)
    {
        await using var server = await FakeAdsServer.StartAsync();
        await using var envoy = StartEnvoy(LabPorts.Free() with { Xds = server.Address.Port });
        await envoy.KillAsync(cancellationToken);

        Assert.That(envoy.Failure, Does.Contain("ended with code 137").And.Contain(envoy.LogFile));
    }

    private EnvoyProcess StartEnvoy(LabPorts ports)
    {
        var bootstrap = Path.Combine(_directory, "bootstrap.yaml");
        File.WriteAllText(bootstrap, string.Create(CultureInfo.InvariantCulture, $$"""
            node: { id: lab-test, cluster: lab }
            admin: { address: { socket_address: { address: 127.0.0.1, port_value: {{ports.EnvoyAdmin}} } } }
            dynamic_resources:
              ads_config:
                api_type: GRPC
                transport_api_version: V3
                grpc_services: [ { envoy_grpc: { cluster_name: selfheal } } ]
              cds_config: { ads: {}, resource_api_version: V3 }
              lds_config: { ads: {}, resource_api_version: V3 }
            static_resources:
              clusters:
              - name: selfheal
                type: STATIC
                typed_extension_protocol_options:
                  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                    explicit_http_config: { http2_protocol_options: {} }
                load_assignment:
                  cluster_name: selfheal
                  endpoints:
                  - lb_endpoints:
                    - endpoint:
                        address: { socket_address: { address: 127.0.0.1, port_value: {{ports.Xds}} } }
            """));
        return EnvoyProcess.Start(
            _binary, bootstrap, ports, Path.Combine(_directory, "envoy.log"), TimeProvider.System);
    }
}
