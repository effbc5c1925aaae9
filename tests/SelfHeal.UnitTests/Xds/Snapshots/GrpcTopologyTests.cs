using SelfHeal.Core.Topology;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.Snapshots.TopologySample;

namespace SelfHeal.UnitTests.Xds.Snapshots;

/// <summary>Which clusters carry gRPC, and who counts its failures.</summary>
public sealed class GrpcTopologyTests
{
    private const string StatsType =
        "type.googleapis.com/envoy.extensions.filters.http.grpc_stats.v3.FilterConfig";

    private const string HealthCheck = "health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, "
        + "healthy_threshold: 1, grpc_health_check: {}}]";

    [Test]
    public void Read_RouteThatMatchesGrpc_IsASign()
    {
        var topology = Read(
            Cluster("pay"),
            Routes("r", To("prefix: /, grpc: {}", "pay")),
            Listener("edge", Rds("r")),
            Listener("inner", Rds("r"), GrpcStats));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(topology.Grpc.Select(Told), Is.EqualTo(new[] { "pay RouteMatch False edge" }));
            var scope = ServiceScope.From(topology).Single();
            Assert.That((scope.IsGrpc, scope.HasGrpcStats), Is.EqualTo((true, false)));
        }
    }

    [TestCase(HealthCheck, "", "pay HealthCheck False edge")]
    [TestCase(Http2, GrpcWeb, "pay Filter False edge")]
    [TestCase(Http2, "", null, TestName = "HTTP/2 alone is no sign")]
    [TestCase("", GrpcWeb, null, TestName = "a bridge in front of HTTP/1 is no sign")]
    [TestCase("http2_protocol_options: {}", GrpcWeb, "pay Filter False edge", TestName = "the old place of HTTP/2")]
    public void Read_ClusterBehindAListener_SignsAreTold(string cluster, string filter, string? told)
    {
        var topology = Read(
            Cluster("pay", cluster),
            Routes("r", To("prefix: /", "pay")),
            Listener("edge", Rds("r"), [.. new[] { filter }.Where(static f => f.Length > 0)]));

        Assert.That(topology.Grpc.Select(Told), Is.EqualTo(told is null ? [] : new[] { told }));
    }

    [TestCase(GrpcStats, true)]
    [TestCase("{name: envoy.filters.http.grpc_stats}", true, TestName = "by name")]
    [TestCase($"{{name: s, config_discovery: {{config_source: {{ads: {{}}}}, type_urls: [{StatsType}]}}}}", true,
        TestName = "by ECDS")]
    [TestCase($"{{name: s, typed_config: {{\"@type\": type.googleapis.com/xds.type.v3.TypedStruct, "
        + $"type_url: {StatsType}}}}}", true, TestName = "wrapped")]
    [TestCase($"{{name: s, disabled: true, typed_config: {{\"@type\": {StatsType}}}}}", false, TestName = "disabled")]
    [TestCase(GrpcWeb, false, TestName = "another filter")]
    public void Read_FilterInTheWay_SeesOrNot(string filter, bool sees) => Assert.That(
        Read(Routes("r", To("prefix: /, grpc: {}", "pay")), Listener("edge", Rds("r"), filter))
            .Grpc.Single().HasGrpcStats,
        Is.EqualTo(sees));

    [Test]
    public void Read_TranscoderOfOneRoute_IsASign()
    {
        const string Transcoder = "{match: {prefix: /}, route: {cluster: pay}, "
            + "typed_per_filter_config: {t: {\"@type\": type.googleapis.com/"
            + "envoy.extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder, "
            + "proto_descriptor: a, services: [b]}}}";

        Assert.That(
            Read(Cluster("pay", Http2), Cluster("web", Http2), Routes("r", Transcoder, To("prefix: /web", "web")))
                .Grpc.Select(Told),
            Is.EqualTo(new[] { "pay Filter False " }));
    }

    [Test]
    public void Read_InlineScopedAndDiscoveredHosts_AreReached()
    {
        var inline = $"route_config: {{{Configuration("own", To("prefix: /, grpc: {}", "a"))}}}";
        const string Builder = "scope_key_builder: {fragments: [{header_value_extractor: {name: a, index: 0}}]}";
        var topology = Read(
            Listener("inline", inline, GrpcStats),
            Listener("scoped", $"scoped_routes: {{name: s, {Builder}, rds_config_source: {{ads: {{}}}}, "
                + "scoped_rds: {scoped_rds_config_source: {ads: {}}}}", GrpcStats),
            Scope("one", "route_configuration_name: r"),
            Routes("r", To("prefix: /, grpc: {}", "b")),
            Listener("discovered", Rds("v"), GrpcStats),
            $"{{\"@type\": type.googleapis.com/envoy.config.route.v3.RouteConfiguration, name: v, "
                + "vhds: {config_source: {ads: {}}}}",
            Host("v/shop", To("prefix: /, grpc: {}", "c")));

        Assert.That(topology.Grpc.Select(Told), Is.EqualTo(new[]
        {
            "a RouteMatch True ", "b RouteMatch True ", "c RouteMatch True ",
        }));
    }

    [Test]
    public void Read_NoRouteLeadsToIt_IsNotJudged() =>
        Assert.That(Read(Cluster("xds", HealthCheck)).Grpc, Is.Empty, "Envoy's own control plane");

    [Test]
    public void Warnings_BlindListener_NamesClusterListenerAndWhatToAdd()
    {
        var snapshot = Snapshot(
            Cluster("pay"), Routes("r", To("prefix: /, grpc: {}", "pay")), Listener("edge", Rds("r")));

        var warning = SnapshotReview.Warnings(snapshot).Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That((warning.TypeUrl, warning.Resource), Is.EqualTo((TypeUrl.Listener, "edge")));
            Assert.That(warning.Field, Is.EqualTo("filter_chains[0].filters[0].typed_config.http_filters"));
            Assert.That(warning.Message, Is.EqualTo(
                "gRPC cluster 'pay' cannot be judged: a failed call is HTTP 200, and nothing counts them here; add "
                + "envoy.filters.http.grpc_stats to http_filters of listener 'edge', before the router"));
        }
    }

    [Test]
    public void Warnings_ManyClusters_AreOneLinePerListener()
    {
        var routes = Enumerable.Range(0, 7).Select(i => To($"prefix: /{i}, grpc: {{}}", $"pay{i}"));

        var warning = SnapshotReview.Warnings(Snapshot(Routes("r", [.. routes]), Listener("edge", Rds("r")))).Single();

        Assert.That(warning.Message, Does.StartWith(
            "gRPC clusters 'pay0', 'pay1', 'pay2', 'pay3', 'pay4' and 2 more cannot be judged"));
    }

    [Test]
    public void Warnings_ListenerIsElsewhere_SaysSo()
    {
        var warning = SnapshotReview.Warnings(Snapshot(Routes("r", To("prefix: /, grpc: {}", "pay")))).Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That((warning.TypeUrl, warning.Resource), Is.EqualTo((TypeUrl.Cluster, "pay")));
            Assert.That(warning.Message, Does.Contain("not among these resources").And.Contains("grpc_stats"));
        }
    }

    [Test]
    public void Warnings_NothingCarriesGrpc_AreNone() => Assert.That(
        SnapshotReview.Warnings(Snapshot(Cluster("a"), Routes("r", To("prefix: /", "a")), Listener("l", Rds("r")))),
        Is.Empty);

    private static string Told(GrpcCluster cluster) => $"{cluster.Cluster} {cluster.Sign} {cluster.HasGrpcStats} "
        + string.Join(' ', cluster.BlindListeners);
}
