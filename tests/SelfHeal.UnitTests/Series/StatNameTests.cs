using System.Text;
using SelfHeal.Core.Series;

namespace SelfHeal.UnitTests.Series;

[TestFixture]
public sealed class StatNameTests
{
    [TestCase("cluster.svc-4.ns4.example.upstream_rq_5xx", StatScope.Cluster, "svc-4.ns4.example", Stat.UpstreamRq5xx)]
    [TestCase("cluster.a.upstream_rq_retry", StatScope.Cluster, "a", Stat.UpstreamRqRetry)]
    [TestCase("cluster.a.upstream_rq_retry_success", StatScope.Cluster, "a", Stat.UpstreamRqRetrySuccess)]
    [TestCase("cluster.a.b.retry.upstream_rq_5xx", StatScope.Cluster, "a.b", Stat.RetryUpstreamRq5xx)]
    [TestCase("cluster.outbound|80||a.ns.svc.cluster.local.upstream_cx_active", StatScope.Cluster,
        "outbound|80||a.ns.svc.cluster.local", Stat.UpstreamCxActive)]
    [TestCase("cluster.a.outlier_detection.ejections_active", StatScope.Cluster, "a", Stat.OutlierEjectionsActive)]
    [TestCase("cluster.a.ssl.fail_verify_san", StatScope.Cluster, "a", Stat.ClusterSslFailVerify)]
    [TestCase("cluster.a.update_rejected", StatScope.Cluster, "a", Stat.ClusterUpdateRejected)]
    [TestCase("listener.0.0.0.0_443.ssl.handshake", StatScope.Listener, "0.0.0.0_443", Stat.ListenerSslHandshake)]
    [TestCase("http.ingress.http.downstream_rq_5xx", StatScope.HttpConnectionManager, "ingress.http",
        Stat.DownstreamRq5xx)]
    [TestCase("http.ingress.no_route", StatScope.HttpConnectionManager, "ingress", Stat.NoRoute)]
    [TestCase("http.ingress.rds.routes.v1.update_rejected", StatScope.RouteConfiguration, "routes.v1",
        Stat.RdsUpdateRejected)]
    [TestCase("listener_manager.lds.update_rejected", StatScope.ListenerManager, "", Stat.LdsUpdateRejected)]
    [TestCase("cluster_manager.cds.update_rejected", StatScope.ClusterManager, "", Stat.CdsUpdateRejected)]
    [TestCase("control_plane.connected_state", StatScope.ControlPlane, "", Stat.ConnectedState)]
    [TestCase("server.uptime", StatScope.Server, "", Stat.Uptime)]
    [TestCase("cluster.a.b.upstream_rq_401", StatScope.Cluster, "a.b", Stat.UpstreamRqUnauthorized)]
    [TestCase("cluster.a.b.upstream_rq_403", StatScope.Cluster, "a.b", Stat.UpstreamRqUnauthorized)]
    [TestCase("cluster.a.upstream_rq_429", StatScope.Cluster, "a", Stat.UpstreamRqRateLimited)]
    [TestCase("cluster.a.upstream_rq_time", StatScope.Cluster, "a", Stat.UpstreamRqTime)]
    [TestCase("cluster.a.circuit_breakers.high.rq_pending_open", StatScope.Cluster, "a", Stat.BreakerOpen)]
    [TestCase("cluster.a.outlier_detection.ejections_enforced_total", StatScope.Cluster, "a",
        Stat.OutlierEjectionsEnforced)]
    [TestCase("cluster.a.grpc.total", StatScope.Cluster, "a", Stat.GrpcTotal)]
    [TestCase("cluster.a.b.grpc.shop.v1.Pay.Charge.failure", StatScope.Cluster, "a.b", Stat.GrpcFailure)]
    [TestCase("cluster.my.grpc.svc.grpc.shop.Pay.Charge.total", StatScope.Cluster, "my.grpc.svc", Stat.GrpcTotal)]
    [TestCase("listener.127.0.0.1_80.downstream_cx_overflow", StatScope.Listener, "127.0.0.1_80",
        Stat.ListenerCxOverflow)]
    [TestCase("http.a.downstream_rq_time", StatScope.HttpConnectionManager, "a", Stat.DownstreamRqTime)]
    [TestCase("cluster_manager.warming_clusters", StatScope.ClusterManager, "", Stat.ClustersWarming)]
    [TestCase("listener_manager.total_listeners_warming", StatScope.ListenerManager, "", Stat.ListenersWarming)]
    [TestCase("overload.envoy.overload_actions.stop_accepting_requests.active", StatScope.Server, "",
        Stat.OverloadActionActive)]
    public void TryParse_KnownStats_GivesScopeNameAndStat(string fullName, StatScope scope, string name, Stat stat)
    {
        var bytes = Encoding.UTF8.GetBytes(fullName);
        Assert.That(StatName.TryParse(bytes, out var parsed), Is.True);
        Assert.That((parsed.Scope, parsed.Stat), Is.EqualTo((scope, stat)));
        Assert.That(fullName.Substring(parsed.NameStart, parsed.NameLength), Is.EqualTo(name));
        Assert.That(parsed.Ambiguous, Is.False);
    }

    [TestCase("")]
    [TestCase("cluster.")]
    [TestCase("cluster.upstream_rq_5xx")]
    [TestCase("cluster..upstream_rq_5xx")]
    [TestCase("cluster.a.upstream_rq_503")]
    [TestCase("cluster.a.upstream_rq_5xx.")]
    [TestCase("cluster.a.xupstream_rq_5xx")]
    [TestCase("http.a.update_rejected")]
    [TestCase("http.a.rds..update_rejected")]
    [TestCase("server.uptimes")]
    [TestCase("listener.a.downstream_pre_cx_timeout")]
    [TestCase("listener.a.worker_0.downstream_cx_total")]
    [TestCase("cluster.a.grpc.shop.Pay.Charge.success")]
    [TestCase("cluster.grpc.total")]
    [TestCase("overload.envoy.overload_actions.shrink_heap.scale_percent")]
    public void TryParse_OtherNames_AreOfNoInterest(string fullName) =>
        Assert.That(StatName.TryParse(Encoding.UTF8.GetBytes(fullName), out _), Is.False);

    [TestCase("cluster.pay.internal.upstream_rq_5xx", true)]
    [TestCase("cluster.pay.canary.upstream_rq_completed", true)]
    [TestCase("cluster.pay.zone.a.b.upstream_rq_5xx", true)]
    [TestCase("cluster.pay.internal.upstream_rq_total", false)]
    public void TryParse_Qualifiers_AreAmbiguous(string fullName, bool expected)
    {
        Assert.That(StatName.TryParse(Encoding.UTF8.GetBytes(fullName), out var parsed), Is.True);
        Assert.That(parsed.Ambiguous, Is.EqualTo(expected));
    }

    [Test]
    public void StatCatalog_EveryStat_LiesInItsScopesRange()
    {
        foreach (var stat in Enum.GetValues<Stat>().Where(stat => stat != Stat.None))
        {
            var scope = StatCatalog.ScopeOf(stat);
            Assert.That(scope, Is.Not.EqualTo(StatScope.None), stat.ToString());
            var place = stat - StatCatalog.FirstOf(scope);
            Assert.That(place, Is.InRange(0, StatCatalog.CountOf(scope) - 1), stat.ToString());
        }
    }
}
