using Google.Protobuf;
using Io.Prometheus.Client;
using SelfHeal.Core.Series;
using SelfHeal.Xds.Stats;

namespace SelfHeal.UnitTests.Xds.Stats;

/// <summary>Names as Envoy's default tag rules leave them (<c>well_known_names.cc</c>), and as Istio's do.</summary>
[TestFixture]
public sealed class LabelledNameTests
{
    [TestCase("cluster.membership_total", "Cluster 'pay' MembershipTotal", "envoy.cluster_name=pay")]
    [TestCase("cluster.ns4.example.upstream_rq_total", "Cluster 'svc-4.ns4.example' UpstreamRqTotal",
        "envoy.cluster_name=svc-4")]
    [TestCase("cluster.upstream_rq_xx", "Cluster 'pay' UpstreamRq5xx", "envoy.response_code_class=5",
        "envoy.cluster_name=pay")]
    [TestCase("cluster.upstream_rq", "Cluster 'pay' UpstreamRqRateLimited", "envoy.response_code=429",
        "envoy.cluster_name=pay")]
    [TestCase("cluster.retry.upstream_rq_xx", "Cluster 'pay' RetryUpstreamRq5xx", "envoy.response_code_class=5",
        "envoy.cluster_name=pay")]
    [TestCase("cluster.grpc.total", "Cluster 'pay' GrpcTotal", "envoy.grpc_bridge_method=Say",
        "envoy.grpc_bridge_service=Server", "envoy.cluster_name=pay")]
    [TestCase("cluster.grpc.Greeter.failure", "Cluster 'pay' GrpcFailure", "envoy.grpc_bridge_method=Say",
        "envoy.grpc_bridge_service=helloworld", "envoy.cluster_name=pay")]
    [TestCase("cluster.ns.grpc.total", "Cluster 'pay.ns' GrpcTotal", "envoy.grpc_bridge_method=Say",
        "envoy.grpc_bridge_service=Server", "envoy.cluster_name=pay")]
    [TestCase("cluster.upstream_rq_total", "Cluster 'outbound|80|v1|a.ns.svc.cluster.local' UpstreamRqTotal",
        "cluster_name=outbound|80|v1|a.ns.svc.cluster.local")]
    [TestCase("cluster.upstream_rq", "Cluster 'pay' UpstreamRq5xx", "cluster_name=pay", "response_code_class=5xx")]
    [TestCase("listener.downstream_cx_total", "Listener '0.0.0.0_8080' ListenerCxTotal",
        "envoy.listener_address=0.0.0.0_8080")]
    [TestCase("listener.ssl.handshake", "Listener '[__1]_8080' ListenerSslHandshake",
        "envoy.listener_address=[__1]_8080")]
    [TestCase("listener.ingress.downstream_cx_total", "Listener 'ingress' ListenerCxTotal")]
    [TestCase("http.downstream_rq_xx", "HttpConnectionManager 'in' DownstreamRq5xx", "envoy.response_code_class=5",
        "envoy.http_conn_manager_prefix=in")]
    [TestCase("http.rds.update_rejected", "RouteConfiguration 'shop-routes' RdsUpdateRejected",
        "envoy.http_conn_manager_prefix=in", "envoy.rds_route_config=shop-routes")]
    [TestCase("http.rds.update_rejected", "RouteConfiguration 'shop-routes' RdsUpdateRejected",
        "envoy.rds_route_config=shop-routes", "envoy.http_conn_manager_prefix=in")]
    [TestCase("server.uptime", null, "envoy.worker_id=worker_0")]
    [TestCase("listener.downstream_cx_total", null, "envoy.listener_address=0.0.0.0_8080", "envoy.worker_id=worker_0")]
    [TestCase("listener.http.downstream_rq_xx", null, "envoy.response_code_class=5",
        "envoy.http_conn_manager_prefix=in", "envoy.listener_address=0.0.0.0_8080")]
    [TestCase("vhost.upstream_rq_total", null, "envoy.virtual_host=a")]
    public void OnPart_TagsCutOut_GivesTheSeriesOfTheFullName(string name, string? expected, params string[] labels)
    {
        var isGauge = name.EndsWith("uptime", StringComparison.Ordinal)
            || name.EndsWith("membership_total", StringComparison.Ordinal);
        var family = EnvoyStats.Family(name, 5, isGauge, 1_000);
        foreach (var label in labels)
        {
            var parts = label.Split('=');
            family.Metric[0].Label.Add(new LabelPair { Name = parts[0], Value = parts[1] });
        }

        var message = new EnvoyStats("envoy-1").Message(true, 1_000);
        message.EnvoyMetrics.Add(family);
        var pool = new FlushBatchPool();
        var sink = new RecordingSink(pool);
        var reader = new MetricsStreamReader(7, new MetricsStreamOptions(), pool, sink);
        var bytes = message.ToByteArray();
        reader.OnMessageStart(bytes.Length);
        Assert.That(reader.OnPart(new(bytes), true, default), Is.True);
        Assert.That(sink.Text, expected is null ? Does.Contain("skipped 1 ") : Does.Contain($"  {expected} = 5\n"));
    }
}
