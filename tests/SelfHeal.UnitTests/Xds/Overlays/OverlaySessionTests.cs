using Envoy.Config.Cluster.V3;
using SelfHeal.Core.Remediation;
using SelfHeal.UnitTests.Xds.Sessions;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.Overlays.TestOverlays;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Overlays;

/// <summary>What a client is sent when an overlay comes and goes.</summary>
internal sealed class OverlaySessionTests
{
    private static readonly ValidatedSnapshot Intended = Snapshot([.. Service("a"), .. Service("b")]);
    private static readonly SnapshotBuilder Builder = new(new SnapshotValidator());

    /// <summary>Behaviours 64 and 76: Envoy builds the cluster anew and waits for endpoints that did not change.
    /// </summary>
    [Test]
    public void OnSnapshot_ClusterUnderAnOverlay_EndpointsFollowThoughTheyAreTheSame()
    {
        var client = new SotwHarness(Intended);
        client.Start("a", "b");

        client.Session.OnSnapshot(WithOverlay);
        client.ExpectAndAck(TypeUrl.Cluster);
        var endpoints = client.ExpectAndAck(TypeUrl.ClusterLoadAssignment);
        client.ExpectNothing();
        client.Session.OnSnapshot(Builder.Build(Intended, []).Snapshot);
        client.ExpectAndAck(TypeUrl.Cluster);
        var again = client.ExpectAndAck(TypeUrl.ClusterLoadAssignment);
        client.ExpectNothing();

        Assert.That(SotwHarness.Names(endpoints), Does.Contain("a"));
        Assert.That(SotwHarness.Names(again), Does.Contain("a"));
    }

    [Test]
    public void OnSnapshot_ClusterUnderAnOverlayInDelta_ItsEndpointsFollowAndNoOthers()
    {
        var client = new DeltaHarness(Intended);
        client.Subscribe(TypeUrl.Cluster);
        client.Ack(client.Take()!); // Subscribed to what there is.
        client.Subscribe(TypeUrl.ClusterLoadAssignment, "a", "b");
        client.Ack(client.Take()!); // As above.

        client.Session.OnSnapshot(WithOverlay);
        var clusters = client.Take()!; // One changed.
        client.Ack(clusters);
        var endpoints = client.Take()!; // They must follow.
        client.Ack(endpoints);

        Assert.That(clusters.Resources.Select(static r => r.Name), Is.EqualTo(new[] { "a" }));
        Assert.That(
            clusters.Resources[0].Resource_.Unpack<Cluster>().OutlierDetection.Consecutive5Xx, Is.EqualTo(2u));
        Assert.That(endpoints.TypeUrl, Is.EqualTo(TypeUrl.ClusterLoadAssignment));
        Assert.That(endpoints.Resources.Select(static r => r.Name), Is.EqualTo(new[] { "a" }));
        Assert.That(client.Take(), Is.Null);
    }

    /// <summary>SotW cannot say that a runtime layer is gone: it comes once more, empty.</summary>
    [Test]
    public void OnSnapshot_LayerThatOverlaysMadeIsWithdrawn_ComesEmpty()
    {
        var laid = Builder.Build(Intended, [Runtime("o", "layer", "a", new BreakerSettings { MaxRequests = 1 })]);
        var client = new SotwHarness(laid.Snapshot);
        client.Subscribe(TypeUrl.Runtime, "layer");
        client.ExpectAndAck(TypeUrl.Runtime);

        client.Session.OnSnapshot(Builder.Build(Intended, [], ["layer"]).Snapshot);

        var withdrawn = client.ExpectAndAck(TypeUrl.Runtime);
        var layer = withdrawn.Resources.Single().Unpack<Envoy.Service.Runtime.V3.Runtime>();
        Assert.That(layer, Is.EqualTo(new Envoy.Service.Runtime.V3.Runtime { Name = "layer" }));
    }

    private static ValidatedSnapshot WithOverlay =>
        Builder.Build(Intended, [Outliers("o", "a", new OutlierSettings { Consecutive5xx = 2 })]).Snapshot;
}
