using System.Globalization;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.FunctionalTests.Lab.DataPlane;
using SelfHeal.FunctionalTests.Lab.Processes;
using SelfHeal.Lab.Processes;
using SelfHeal.Sidecar.Config;
using SelfHeal.Xds.Resources;
using static Envoy.Config.Core.V3.ApiConfigSource.Types;
using Filter = Envoy.Config.Listener.V3.Filter;

namespace SelfHeal.FunctionalTests.Sidecar.Xds;

/// <summary>A real Envoy that is configured without ADS: REST, and the services of one type each.</summary>
[CancelAfter(120_000)]
internal sealed class EnvoySourceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [TestCase(ApiType.Rest)]
    [TestCase(ApiType.Grpc)]
    [TestCase(ApiType.DeltaGrpc)]
    public async Task Envoy_ConfiguredWithoutAds_StartsAndFollowsChanges(
        ApiType kind, CancellationToken cancellationToken)
    {
        var binary = PeerRequirement.Needs(EnvoyBinary.Find(), "an Envoy (ENVOY_BIN or PATH)");
        await using var sidecar = await RunningSidecar.StartAsync(static resources => new XdsOptions
        {
            Listen = RunningSidecar.Loopback,
            RestListen = RunningSidecar.Loopback,
            Resources = resources,
        });
        var ports = LabPorts.Free();
        var source = Source(kind);
        sidecar.Publish(Resources(ports, source, "one"));
        var bootstrap = Path.Combine(sidecar.Directory, "bootstrap.json");
        await File.WriteAllTextAsync(bootstrap, Bootstrap(sidecar, ports, source, kind), cancellationToken);
        await using var envoy = EnvoyProcess.Start(
            binary, bootstrap, ports, Path.Combine(sidecar.Directory, "envoy.log"), TimeProvider.System);
        await envoy.WaitReadyAsync(Patience, cancellationToken);
        using var client = new HttpClient { BaseAddress = envoy.Listener };

        await AnswersAsync(client, "one");
        sidecar.Publish(Resources(ports, source, "two"));
        await AnswersAsync(client, "two");

        using var admin = sidecar.CreateAdminClient();
        var metrics = await admin.GetStringAsync("/metrics", cancellationToken);
        if (kind == ApiType.Rest)
            Assert.That(metrics, Does.Match("selfheal_xds_rest_fetches_total.*status=\"304\""));
        else
            await Eventually.HoldsAsync(() => Synced(sidecar), "all types are accepted, each on its own stream");
        var stats = await envoy.AdminAsync("/stats?filter=update_rejected", cancellationToken);
        Assert.That(
            stats.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.All.EndsWith(": 0"), "nothing was rejected");
    }

    private static bool Synced(RunningSidecar sidecar)
    {
        var types = sidecar.Registry.Proxies.Where(static p => p.Node == "plain-1").SelectMany(static p => p.Types)
            .ToList();
        return types.Count >= 4 && types.TrueForAll(static t => t.State == "synced");
    }

    private static Task AnswersAsync(HttpClient client, string text) => Eventually.HoldsAsync(
        async () => await client.GetStringAsync(new Uri("/", UriKind.Relative)) == text, $"answers {text}", Patience);

    private static ConfigSource Source(ApiType kind)
    {
        var api = new ApiConfigSource { ApiType = kind, TransportApiVersion = ApiVersion.V3 };
        if (kind == ApiType.Rest)
        {
            api.ClusterNames.Add("selfheal");
            api.RefreshDelay = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(100));
        }
        else
        {
            api.GrpcServices.Add(new GrpcService
            {
                EnvoyGrpc = new GrpcService.Types.EnvoyGrpc { ClusterName = "selfheal" },
            });
            api.SetNodeOnFirstMessageOnly = true;
        }

        return new ConfigSource { ApiConfigSource = api, ResourceApiVersion = ApiVersion.V3 };
    }

    private static XdsResource[] Resources(LabPorts ports, ConfigSource source, string text)
    {
        var manager = new HttpConnectionManager
        {
            StatPrefix = "in",
            Rds = new Rds { RouteConfigName = "routes", ConfigSource = source },
            HttpFilters =
            {
                new HttpFilter { Name = "envoy.filters.http.router", TypedConfig = Any.Pack(new Router()) },
            },
        };
        var filter = new Filter
        {
            Name = "envoy.filters.network.http_connection_manager",
            TypedConfig = Any.Pack(manager),
        };
        var answer = new DirectResponseAction { Status = 200, Body = new DataSource { InlineString = text } };
        var route = new Route { Match = new RouteMatch { Prefix = "/" }, DirectResponse = answer };
        return
        [
            XdsResource.FromMessage(new Cluster
            {
                Name = "payments",
                Type = Cluster.Types.DiscoveryType.Eds,
                EdsClusterConfig = new Cluster.Types.EdsClusterConfig { EdsConfig = source },
            }),
            XdsResource.FromMessage(PaymentsResources.Assignment("payments", ports.Stable)),
            XdsResource.FromMessage(new Listener
            {
                Name = "in",
                Address = new Address
                {
                    SocketAddress = new SocketAddress { Address = "127.0.0.1", PortValue = (uint)ports.Listener },
                },
                FilterChains = { new FilterChain { Filters = { filter } } },
            }),
            XdsResource.FromMessage(new RouteConfiguration
            {
                Name = "routes",
                VirtualHosts = { new VirtualHost { Name = "all", Domains = { "*" }, Routes = { route } } },
            }),
        ];
    }

    private static string Bootstrap(RunningSidecar sidecar, LabPorts ports, ConfigSource source, ApiType kind)
    {
        var address = kind == ApiType.Rest ? sidecar.Host.RestAddress : sidecar.Host.XdsAddress;
        var port = ((ListenAddress.Tcp)address!).Port; // Both listen on loopback.
        var config = JsonFormatter.Default.Format(source);
        var http2 = kind == ApiType.Rest
            ? ""
            : """
              , "typed_extension_protocol_options": {
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                  "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                  "explicit_http_config": {"http2_protocol_options": {}}
                }
              }
              """;
        return string.Create(CultureInfo.InvariantCulture, $$$$"""
            {
              "node": {"id": "plain-1", "cluster": "edge"},
              "admin": {"address": {"socket_address":
                {"address": "127.0.0.1", "port_value": {{{{ports.EnvoyAdmin}}}} } } },
              "dynamic_resources": {"cds_config": {{{{config}}}}, "lds_config": {{{{config}}}} },
              "static_resources": {"clusters": [{
                "name": "selfheal", "type": "STATIC", "connect_timeout": "1s" {{{{http2}}}},
                "load_assignment": {"cluster_name": "selfheal", "endpoints": [{"lb_endpoints": [{"endpoint": {
                  "address": {"socket_address": {"address": "127.0.0.1", "port_value": {{{{port}}}} } } } }]}]}
              }]}
            }
            """);
    }
}
