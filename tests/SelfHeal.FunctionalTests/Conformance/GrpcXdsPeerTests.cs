using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.FunctionalTests.Grpc;
using SelfHeal.FunctionalTests.Lab;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>xDS clients that others wrote: those of gRPC, which configure themselves from our server.</summary>
[Order(1)]
internal sealed class GrpcXdsPeerTests : ConformanceFixture
{
    private const string Shown = "resolves `xds:///service`, follows weights and endpoints without a failed call, "
        + "rejects one cluster and keeps the others";

    private readonly LogCollector _logs = new();

    public GrpcXdsPeerTests() => ExpectedError = "rejected it";

    [Test]
    public async Task GrpcJs_ResolvesFollowsAndRejects()
    {
        await ShowAsync($"`@grpc/grpc-js-xds`: {Shown}", GrpcXdsPeer.StartJavaScript);
    }

    [Test]
    public async Task GrpcCore_ResolvesFollowsAndRejects()
    {
        await ShowAsync($"gRPC C-core: {Shown}", GrpcXdsPeer.StartCore);
    }

    private async Task ShowAsync(string told, Func<int, GrpcXdsPeer> start)
    {
        await using var one = await BackendAsync("one");
        await using var two = await BackendAsync("two");
        await using var three = await BackendAsync("three");
        await ServeAsync(Service(100, 0, one.Port, two.Port));
        using var peer = start(Server.Port);
        ConformanceRun.RecordPeer(told, passed: false);
        ConformanceRun.RecordVersion(await peer.NextAsync());
        await peer.AnswersAsync("one");

        await Server.PublishAsync(Service(0, 100, one.Port, two.Port));
        await peer.AnswersAsync("two");
        await Server.PublishAsync(Service(0, 100, one.Port, three.Port));
        await peer.AnswersAsync("three");

        // Neither client knows this policy. The routes come with it, and must not wait for the cluster.
        await Server.PublishAsync(Service(0, 100, one.Port, three.Port, Cluster.Types.LbPolicy.Maglev));
        await RejectedAsync();
        await peer.AnswersAsync("three");
        await Server.PublishAsync(Service(100, 0, one.Port, three.Port, Cluster.Types.LbPolicy.Maglev));
        await peer.AnswersAsync("one");
        await Server.PublishAsync(Service(0, 100, one.Port, two.Port));
        await peer.AnswersAsync("two");
        ConformanceRun.RecordPeer(told, passed: true);
    }

    private async Task<GrpcTestServer> BackendAsync(string name)
    {
        var service = new SelfHeal.Grpc.GrpcService("selfheal.test.Backend").Unary<StringValue, StringValue>(
            "Name", StringValue.Parser, (_, _) => ValueTask.FromResult(new StringValue { Value = name }));
        return await GrpcTestServer.StartAsync(_logs, kestrel: null, service);
    }

    private async Task RejectedAsync()
    {
        using var admin = Server.CreateAdminClient();
        await Eventually.HoldsAsync(
            async () => (await admin.GetStringAsync("/metrics")).Split('\n').Any(static line =>
                line.StartsWith("selfheal_xds_nacks_total", StringComparison.Ordinal)
                && line.Contains("Cluster\"", StringComparison.Ordinal)
                && !line.EndsWith(" 0", StringComparison.Ordinal)),
            "the cluster was rejected",
            TestTimeouts.Default);
    }

    /// <summary>One service in two versions, as gRPC wants to have it.</summary>
    private static IMessage[] Service(
        uint stable, uint canary, int stablePort, int canaryPort,
        Cluster.Types.LbPolicy policy = Cluster.Types.LbPolicy.RoundRobin)
    {
        var second = Content.EdsCluster("v2");
        second.LbPolicy = policy;
        return
        [
            ApiListener(), Routes(stable, canary), Content.EdsCluster("v1"), second,
            Weighted(Content.Endpoints("v1", stablePort)), Weighted(Content.Endpoints("v2", canaryPort)),
        ];
    }

    private static Listener ApiListener() => new()
    {
        Name = "service",
        ApiListener = new ApiListener
        {
            ApiListener_ = Any.Pack(new HttpConnectionManager
            {
                StatPrefix = "service",
                Rds = new Rds { RouteConfigName = "routes", ConfigSource = Content.Ads() },
                HttpFilters = { new HttpFilter { Name = "router", TypedConfig = Any.Pack(new Router()) } },
            }),
        },
    };

    private static RouteConfiguration Routes(uint stable, uint canary) => new()
    {
        Name = "routes",
        VirtualHosts =
        {
            new VirtualHost
            {
                Name = "service",
                Domains = { "service" },
                Routes =
                {
                    new Route
                    {
                        Match = new RouteMatch { Prefix = "" },
                        Route_ = new RouteAction
                        {
                            WeightedClusters = new WeightedCluster
                            {
                                Clusters =
                                {
                                    new WeightedCluster.Types.ClusterWeight { Name = "v1", Weight = stable },
                                    new WeightedCluster.Types.ClusterWeight { Name = "v2", Weight = canary },
                                },
                            },
                        },
                    },
                },
            },
        },
    };

    private static ClusterLoadAssignment Weighted(ClusterLoadAssignment assignment)
    {
        var locality = assignment.Endpoints.Single();
        locality.Locality = new Locality { Region = "here" };
        locality.LoadBalancingWeight = 1;
        return assignment;
    }
}
