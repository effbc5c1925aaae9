using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Sessions;

/// <summary>Make before break on one aggregated stream.</summary>
public sealed class AdsSessionOrderTests
{
    private static readonly ValidatedSnapshot Before = Snapshot(
        Cluster("a"), Endpoints("a"), Listener("a-listener", "a-route"), Route("a-route", "a"));

    /// <summary>The route moves from cluster a to cluster b.</summary>
    private static readonly ValidatedSnapshot After = Snapshot(
        Cluster("b"), Endpoints("b"), Listener("a-listener", "a-route", 2), Route("a-route", "b"));

    [Test]
    public void OnSnapshot_OneChangeSet_B74_GoesInSendOrder()
    {
        var client = new SotwHarness(Snapshot(Service("a")));
        client.Start("a");
        client.Session.OnSnapshot(Snapshot(Service("a", 2)));
        client.ExpectAndAck(TypeUrl.Cluster);
        client.ExpectAndAck(TypeUrl.ClusterLoadAssignment);
        client.ExpectAndAck(TypeUrl.Listener);
        client.ExpectAndAck(TypeUrl.RouteConfiguration);
        client.ExpectNothing();
    }

    [Test]
    public void OnSnapshot_ClustersNotAcknowledged_HoldsRoutesBackUntilTheyAre()
    {
        var client = new SotwHarness(Snapshot(Service("a")));
        client.Start("a");
        client.Session.OnSnapshot(Snapshot(Service("a", 2)));
        var clusters = client.Expect(TypeUrl.Cluster);
        var endpoints = client.Expect(TypeUrl.ClusterLoadAssignment);
        client.ExpectNothing();
        client.Ack(clusters);
        client.ExpectNothing();
        client.Ack(endpoints);
        client.Expect(TypeUrl.Listener);
        client.Expect(TypeUrl.RouteConfiguration);
    }

    [Test]
    public void OnTick_ClustersNeverAcknowledged_ReleasesRoutesAfterTheBound()
    {
        var client = new SotwHarness(Snapshot(Service("a")));
        client.Start("a");
        client.Session.OnSnapshot(Snapshot(Service("a", 2)));
        client.Expect(TypeUrl.Cluster);
        client.Expect(TypeUrl.ClusterLoadAssignment);
        client.Tick(0);
        client.Tick(4.9);
        client.ExpectNothing();
        client.Tick(0.2);
        client.Expect(TypeUrl.Listener);
        Assert.That(client.Events().OfType<SessionEvent.WaitExpired>(), Is.Not.Empty);
    }

    [Test]
    public void OnSnapshot_VanishedCluster_B75_GoesAfterTheRoutesAreAcknowledged()
    {
        var client = new SotwHarness(Before);
        client.Start("a");
        client.Session.OnSnapshot(After);
        Assert.That(SotwHarness.Names(client.ExpectAndAck(TypeUrl.Cluster)), Is.EqualTo(new[] { "a", "b" }));
        client.Subscribe(TypeUrl.ClusterLoadAssignment, "a", "b");
        client.ExpectAndAck(TypeUrl.ClusterLoadAssignment);
        var listeners = client.Expect(TypeUrl.Listener);
        var routes = client.Expect(TypeUrl.RouteConfiguration);
        client.ExpectNothing();
        client.Ack(listeners);
        client.ExpectNothing();
        client.Ack(routes);
        Assert.That(SotwHarness.Names(client.ExpectAndAck(TypeUrl.Cluster)), Is.EqualTo(new[] { "b" }));
        client.ExpectNothing();
    }

    [Test]
    public void OnTick_RoutesNeverAcknowledged_B75_RemovesAfterTheBound()
    {
        var client = new SotwHarness(Before);
        client.Start("a");
        client.Session.OnSnapshot(After);
        client.ExpectAndAck(TypeUrl.Cluster);
        client.Subscribe(TypeUrl.ClusterLoadAssignment, "a", "b");
        client.ExpectAndAck(TypeUrl.ClusterLoadAssignment);
        client.Expect(TypeUrl.Listener);
        client.Expect(TypeUrl.RouteConfiguration);
        client.Tick(0);
        client.Tick(4);
        client.ExpectNothing();
        client.Tick(1);
        Assert.That(SotwHarness.Names(client.Expect(TypeUrl.Cluster)), Is.EqualTo(new[] { "b" }));
    }

    [Test]
    public void OnSnapshot_UnusedClusterVanishes_GoesAtOnce()
    {
        var client = new SotwHarness(Snapshot([.. Service("a"), Cluster("b"), Endpoints("b")]));
        client.Start("a");
        client.Session.OnSnapshot(Snapshot(Service("a")));
        Assert.That(SotwHarness.Names(client.Expect(TypeUrl.Cluster)), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void OnSnapshot_ClusterChanged_B76_EndpointsAreAnsweredThoughIdentical()
    {
        var client = new SotwHarness(Snapshot(Cluster("a"), Endpoints("a"), Cluster("b"), Endpoints("b")));
        client.Subscribe(TypeUrl.Cluster);
        client.ExpectAndAck(TypeUrl.Cluster);
        client.Subscribe(TypeUrl.ClusterLoadAssignment, "a", "b");
        client.ExpectAndAck(TypeUrl.ClusterLoadAssignment);
        client.Session.OnSnapshot(Snapshot(Cluster("a", 2), Endpoints("a"), Cluster("b"), Endpoints("b")));
        client.ExpectAndAck(TypeUrl.Cluster);
        Assert.That(SotwHarness.Names(client.ExpectAndAck(TypeUrl.ClusterLoadAssignment)), Is.EqualTo(new[] { "a" }));
        client.ExpectNothing();
    }

    [Test]
    public void OnRequest_RouteOfAWarmingListener_B78_IsAnswered()
    {
        var client = new SotwHarness(Before);
        client.Subscribe(TypeUrl.Listener);
        client.Expect(TypeUrl.Listener);
        client.Subscribe(TypeUrl.RouteConfiguration, "a-route");
        client.Expect(TypeUrl.RouteConfiguration);
    }

    [Test]
    public void OnRequest_EndpointsBeforeClusters_B80_AreServedWithoutWaiting()
    {
        var client = new SotwHarness(Before);
        client.Subscribe(TypeUrl.ClusterLoadAssignment, "a");
        client.Expect(TypeUrl.ClusterLoadAssignment);
    }

    [Test]
    public void OnRequest_NackOfClusters_HoldsChangedRoutesButLetsPristineOnesReturn()
    {
        var client = new SotwHarness(Before);
        client.Start("a");
        client.Session.OnSnapshot(Snapshot(
            Cluster("a"), Endpoints("a"), Cluster("b", 9), Endpoints("b"),
            Listener("a-listener", "a-route"), Route("a-route", "b")));
        client.Nack(client.Expect(TypeUrl.Cluster));
        Assert.That(SotwHarness.Names(client.ExpectAndAck(TypeUrl.Cluster)), Is.EqualTo(new[] { "a" }));
        client.ExpectNothing();
        client.Tick(0);
        client.Tick(5);
        var moved = client.Expect(TypeUrl.RouteConfiguration);
        client.Nack(moved);
        client.Session.OnSnapshot(Snapshot(
            Cluster("a"), Endpoints("a"), Cluster("b", 9), Endpoints("b"),
            Listener("a-listener", "a-route"), Route("a-route", "a")));
        client.Expect(TypeUrl.RouteConfiguration);
    }

    [Test]
    public void SendOrder_Types_IsTheOrderOfADeclaredChangeSet()
    {
        Assert.That(TypeUrl.SendOrder, Is.EqualTo(new[]
        {
            TypeUrl.Cluster, TypeUrl.ClusterLoadAssignment, TypeUrl.LbEndpoint, TypeUrl.Listener,
            TypeUrl.ScopedRouteConfiguration, TypeUrl.RouteConfiguration, TypeUrl.VirtualHost, TypeUrl.Secret,
            TypeUrl.ExtensionConfig, TypeUrl.Runtime,
        }));
    }
}
