using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.Overlays.TestOverlays;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Snapshots;

internal sealed class SnapshotBuilderTests
{
    private static readonly ValidatedSnapshot Intended = Snapshot(
        Cluster("a"), Endpoints("a"), Cluster("b"), Endpoints("b"), Split("r", ("a", 90), ("b", 10)));

    private static readonly SnapshotBuilder Builder = new(new SnapshotValidator());

    [Test]
    public void Build_OverlayAndItsWithdrawal_ReturnToTheSourcesOwnSnapshot()
    {
        var laid = Builder.Build(Intended, [Weights("o", "r", "shop", "#0", ("b", 0))]);
        Assert.That(laid.Refused, Is.Empty);
        Assert.That(
            laid.Snapshot.Get(TypeUrl.RouteConfiguration).Version,
            Is.Not.EqualTo(Intended.Get(TypeUrl.RouteConfiguration).Version));
        Assert.That(laid.Snapshot.Get(TypeUrl.Cluster), Is.SameAs(Intended.Get(TypeUrl.Cluster)));
        Assert.That(Builder.Build(Intended, []).Snapshot, Is.SameAs(Intended));
    }

    [Test]
    public void Build_OverlayOfAnUnknownResource_IsToldAndTheRestIsServed()
    {
        var build = Builder.Build(
            Intended, [Weights("o1", "gone", "shop", "#0", ("a", 1)), Weights("o2", "r", "shop", "#0", ("a", 1))]);
        Assert.That(build.Refused.Single().OverlayId, Is.EqualTo("o1"));
        Assert.That(build.Refused.Single().Message, Is.EqualTo("there is no RouteConfiguration 'gone'; expected 'r'"));
        Assert.That(
            build.Snapshot.Get(TypeUrl.RouteConfiguration).Find("r")?.ContentHash,
            Is.EqualTo(Split("r", ("a", 1), ("b", 10)).ContentHash));
    }

    [Test]
    public void Build_OneOfEveryCarrier_AllAreServed()
    {
        var build = Builder.Build(
            Intended,
            [
                Weights("o1", "r", "shop", "#0", ("a", 1)),
                EndpointWeights("o2", "a", ("127.0.0.1:8001", 5)),
                Runtime("o3", "layer", "a", new BreakerSettings { MaxRequests = 5 }),
                Breakers("o4", "b", new BreakerSettings { MaxRequests = 5 }),
            ]);
        Assert.That(build.Refused, Is.Empty);
        Assert.That(build.Snapshot.Sets.Keys, Is.EqualTo(new[]
        {
            TypeUrl.Cluster, TypeUrl.ClusterLoadAssignment, TypeUrl.RouteConfiguration, TypeUrl.Runtime,
        }));
        Assert.That(
            build.Snapshot.Get(TypeUrl.Cluster).Find("a"), Is.SameAs(Intended.Get(TypeUrl.Cluster).Find("a")));
    }

    [Test]
    public void Build_ResultThatCannotBeServed_IsLeftOutAndTheOthersStay()
    {
        // What the source's check let through, the check of the result finds.
        var lenient = new SnapshotValidator(new SnapshotValidatorOptions { CheckReferences = false })
            .Validate(SelfHeal.Xds.Snapshots.Snapshot.Create(
                [Cluster("a"), Endpoints("a"), Split("r", ("a", 1), ("b", 1))]))
            .Snapshot ?? throw new AssertionException("the rules of the API hold");
        var build = Builder.Build(
            lenient, [Weights("o1", "r", "shop", "#0", ("a", 3)), EndpointWeights("o2", "a", ("127.0.0.1:8001", 5))]);
        Assert.That(build.Laid.Select(static o => o.Id), Is.EqualTo(new[] { "o2" }));
        Assert.That(build.Refused.Single().Message, Does.Contain("there is no Cluster 'b'"));
        Assert.That(
            build.Snapshot.Get(TypeUrl.RouteConfiguration), Is.SameAs(lenient.Get(TypeUrl.RouteConfiguration)));
    }

    [Test]
    public void Build_OverlayThatBreaksUs_IsLeftOutAndTheOthersStay()
    {
        var build = Builder.Build(
            Intended,
            [
                Weights("o1", "r", "shop", "#0", ("a", 1)),
                Runtime("o2", null!, "a", new BreakerSettings { MaxRequests = 5 }), // Null: what no caller does.
            ]);
        Assert.That(build.Laid.Select(static o => o.Id), Is.EqualTo(new[] { "o1" }));
        Assert.That(build.Refused.Single().Message, Does.StartWith("it cannot be laid: "));
    }

    [Test]
    public void Build_EmptyLayers_AreServedWhereNothingElseMakesThem()
    {
        var build = Builder.Build(
            Intended, [Runtime("o", "made", "a", new BreakerSettings { MaxRequests = 5 })], ["left", "made"]);
        var layers = build.Snapshot.Get(TypeUrl.Runtime).Resources;
        Assert.That(layers.Select(static l => l.Name), Is.EqualTo(new[] { "left", "made" }));
        Assert.That(layers[0].ValueBytes.Length, Is.LessThan(layers[1].ValueBytes.Length));
    }

    [Test]
    public void ValidateChange_WhatNothingTouches_IsNotLookedAt()
    {
        var before = new ValidatedSnapshot(SelfHeal.Xds.Snapshots.Snapshot.Create(
            [Cluster("a"), Endpoints("a"), Split("r", ("a", 90), ("b", 10))]));
        var verdict = new SnapshotValidator().ValidateChange(before, [Endpoints("a", 2)]);
        Assert.That(verdict.Errors, Is.Empty, "the route of 'b', which is not there, was not asked");
    }
}
