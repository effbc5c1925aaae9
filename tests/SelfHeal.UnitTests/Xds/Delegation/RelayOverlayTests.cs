using System.Collections.Immutable;
using Envoy.Config.Route.V3;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Overlays;
using SelfHeal.Xds.Resources;
using static SelfHeal.UnitTests.Xds.Overlays.TestOverlays;
using static SelfHeal.UnitTests.Xds.TestResources;
using RuntimeLayer = Envoy.Service.Runtime.V3.Runtime;

namespace SelfHeal.UnitTests.Xds.Delegation;

/// <summary>What a client hears of overlays, and the upstream does not.</summary>
[TestFixture(false)]
[TestFixture(true)]
internal sealed class RelayOverlayTests(bool isDelta)
{
    private const string Eds = TypeUrl.ClusterLoadAssignment;
    private const string Rds = TypeUrl.RouteConfiguration;

    private static readonly Overlay OnRoute = Weights("o", "r", "shop", "#0", ("a", 1));
    private static readonly Overlay OnCluster = Outliers("o", "a", new OutlierSettings { Consecutive5xx = 2 });

    [Test]
    public void OnOverlays_LaidAndWithdrawn_OnlyTheTouchedResourceIsSent()
    {
        var relay = new RelayHarness(isDelta);
        relay.Start(Rds, ["r", "s"], Pristine, Split("s", ("a", 1), ("b", 1)));

        relay.Lay(Of(OnRoute));
        var laid = relay.ExpectAndAck(Rds);
        relay.Lay(OverlaysInForce.None);
        var withdrawn = relay.ExpectAndAck(Rds);

        Assert.That(laid.Names, Is.EqualTo(new[] { "r" }));
        Assert.That(Bytes(laid), Is.EqualTo(Laid.AnyBytes.ToArray()));
        Assert.That(withdrawn.Names, Is.EqualTo(new[] { "r" }));
        Assert.That(Bytes(withdrawn), Is.EqualTo(Pristine.AnyBytes.ToArray()));
        Assert.That(relay.Requests(), Is.Empty, "the upstream need not know");
    }

    [Test]
    public void OnRequest_OverlayIsRejected_PristineIsSentAndTheUpstreamHearsAnAck()
    {
        var relay = new RelayHarness(isDelta, Of(OnRoute));
        relay.Ask(Rds, "r");
        relay.Requests();
        relay.Give(Rds, Pristine);
        var laid = relay.Expect(Rds);

        relay.Nack(laid, "weights are bad");

        Assert.That(Bytes(laid), Is.EqualTo(Laid.AnyBytes.ToArray()));
        Assert.That(relay.Requests(), Is.Empty, "not before the client has the upstream's own");
        Assert.That(Bytes(relay.ExpectAndAck(Rds)), Is.EqualTo(Pristine.AnyBytes.ToArray()));
        var ack = relay.Request();
        Assert.That((ack.Nonce, ack.Error), Is.EqualTo((relay.LatestNonce, (string?)null)));
        var rejection = relay.Rejection();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rejection?.TypeUrl, Is.EqualTo(Rds));
            Assert.That(rejection?.Name, Is.EqualTo("r"));
            Assert.That(rejection?.Overlays, Is.EqualTo(new[] { "o" }));
            Assert.That(rejection?.Message, Is.EqualTo("weights are bad"));
            Assert.That(relay.Rejection(), Is.Null);
        }
    }

    [Test]
    public void OnOverlays_WhatTheClientRejected_StaysAwayUntilItIsWithdrawn()
    {
        var relay = new RelayHarness(isDelta, Of(OnRoute));
        relay.Ask(Rds, "r");
        relay.Give(Rds, Pristine);
        relay.Nack(relay.Expect(Rds), "weights are bad");
        relay.ExpectAndAck(Rds);

        relay.Lay(Of(OnRoute));
        relay.Give(Rds, Split("r", ("a", 80), ("b", 20)));
        var other = relay.ExpectAndAck(Rds);
        relay.ExpectNothing();
        relay.Lay(OverlaysInForce.None);
        relay.Lay(Of(OnRoute));
        var again = relay.ExpectAndAck(Rds);

        Assert.That(Bytes(other), Is.EqualTo(Split("r", ("a", 80), ("b", 20)).AnyBytes.ToArray()));
        Assert.That(Bytes(again), Is.EqualTo(Split("r", ("a", 1), ("b", 20)).AnyBytes.ToArray()));
    }

    [Test]
    public void OnRequest_OverlaidContentWasAcceptedBefore_TheUpstreamIsToBlame()
    {
        var relay = new RelayHarness(isDelta, Of(OnCluster));
        relay.Start(TypeUrl.Cluster, [], Cluster("a"), Cluster("b"));

        relay.Give(TypeUrl.Cluster, Cluster("a"), Cluster("b", 2));
        relay.Nack(relay.Expect(TypeUrl.Cluster), "cluster b is bad");

        relay.ExpectNothing();
        Assert.That(relay.Rejection(), Is.Null);
        Assert.That(relay.Request().Error, Is.EqualTo("cluster b is bad"));
    }

    /// <summary>The client answers what it was sent before the overlay came, and the upstream has gone on.</summary>
    [Test]
    public void OnRequest_RejectsAnOlderContentOfTheUpstream_TheOverlayIsNotBlamed()
    {
        var relay = new RelayHarness(isDelta);
        relay.Ask(Rds, "r");
        relay.Requests();
        relay.Give(Rds, Split("r", ("a", 70), ("b", 30)));
        var older = relay.Expect(Rds);
        relay.Lay(Of(OnRoute));
        relay.Give(Rds, Pristine);

        relay.Nack(older, "older is bad");

        Assert.That(relay.Rejection(), Is.Null);
        Assert.That(Bytes(relay.ExpectAndAck(Rds)), Is.EqualTo(Laid.AnyBytes.ToArray()));
        Assert.That(relay.Request().IsAck);
    }

    [Test]
    public void OnRequest_RejectsWhatAnOverlayMadeThatIsWithdrawn_NobodyIsBlamed()
    {
        var relay = new RelayHarness(isDelta, Of(OnRoute));
        relay.Ask(Rds, "r");
        relay.Requests();
        relay.Give(Rds, Pristine);
        var laid = relay.Expect(Rds);
        relay.Lay(OverlaysInForce.None);

        relay.Nack(laid, "weights are bad");

        Assert.That(relay.Rejection(), Is.Null);
        Assert.That(Bytes(relay.ExpectAndAck(Rds)), Is.EqualTo(Pristine.AnyBytes.ToArray()));
        Assert.That(relay.Request().IsAck);
    }

    /// <summary>Both may be bad: the client is asked about the upstream's own alone before that hears of anything.
    /// </summary>
    [Test]
    public void OnRequest_OverlayAndTheUpstreamsOwnAreBad_BothAreTold()
    {
        var relay = new RelayHarness(isDelta, Of(OnRoute));
        relay.Ask(Rds, "r", "s");
        relay.Requests();
        relay.Give(Rds, Pristine, Split("s", ("a", 1), ("b", 1)));

        relay.Nack(relay.Expect(Rds), "something is bad");
        Assert.That(relay.Rejection()?.Overlays, Is.EqualTo(new[] { "o" }));
        var pristine = relay.Expect(Rds);
        Assert.That(pristine.Names, Is.EqualTo(new[] { "r", "s" }));
        Assert.That(relay.Requests(), Is.Empty);
        relay.Nack(pristine, "s is bad");

        relay.ExpectNothing();
        Assert.That(relay.Request().Error, Is.EqualTo("s is bad"));
    }

    /// <summary>The client does not have what it rejected, whoever makes it.</summary>
    [Test]
    public void OnOverlays_AnotherMakesWhatWasRejected_IsSentAndBlamedItself()
    {
        var relay = new RelayHarness(isDelta, Of(OnRoute));
        relay.Ask(Rds, "r");
        relay.Give(Rds, Pristine);
        var laid = relay.Expect(Rds);
        relay.Lay(Of(OnRoute with { Id = "other" }));

        relay.Nack(laid, "weights are bad");
        Assert.That(relay.Rejection(), Is.Null, "the rejected one is withdrawn");
        relay.Nack(relay.Expect(Rds), "weights are bad");

        Assert.That(relay.Rejection()?.Overlays, Is.EqualTo(new[] { "other" }));
        Assert.That(Bytes(relay.ExpectAndAck(Rds)), Is.EqualTo(Pristine.AnyBytes.ToArray()));
    }

    [Test]
    public void OnRequest_PristineAfterTheOverlayIsBadToo_TheUpstreamHearsThat()
    {
        var relay = new RelayHarness(isDelta, Of(OnRoute));
        relay.Ask(Rds, "r");
        relay.Requests();
        relay.Give(Rds, Pristine);
        relay.Nack(relay.Expect(Rds), "weights are bad");

        relay.Nack(relay.Expect(Rds), "all of it is bad");

        relay.ExpectNothing();
        Assert.That(relay.Request().Error, Is.EqualTo("all of it is bad"));
    }

    [Test]
    public void OnResponse_SourceSaysSomethingElseOfWhatIsSet_TheOverlayIsLeftOutAtOnce()
    {
        var relay = new RelayHarness(isDelta, Of(OnRoute, "a=90, b=10"));
        relay.Ask(Rds, "r");
        relay.Give(Rds, Pristine);
        Assert.That(Bytes(relay.ExpectAndAck(Rds)), Is.EqualTo(Laid.AnyBytes.ToArray()));

        var changed = Split("r", ("a", 50), ("b", 50));
        relay.Give(Rds, changed);

        Assert.That(Bytes(relay.ExpectAndAck(Rds)), Is.EqualTo(changed.AnyBytes.ToArray()));
        relay.ExpectNothing();
    }

    [Test]
    public void OnResponse_SourceChangesElsewhereInTheResource_TheOverlayStays()
    {
        var relay = new RelayHarness(isDelta, Of(OnRoute, "a=90, b=10"));
        relay.Ask(Rds, "r");
        relay.Give(Rds, Pristine);
        relay.ExpectAndAck(Rds);

        relay.Give(Rds, With(Pristine));

        Assert.That(Bytes(relay.ExpectAndAck(Rds)), Is.EqualTo(With(Laid).AnyBytes.ToArray()));
    }

    /// <summary>The layer of ours needs no upstream, which is asked for its own only.</summary>
    [Test]
    public void TryTakeResponse_RuntimeLayerOfOurs_IsServedBesideTheUpstreams()
    {
        var theirs = XdsResource.FromMessage(new RuntimeLayer { Name = "theirs" });
        var relay = new RelayHarness(isDelta, OverlaysInForce.None with { Layers = ["ours"] });
        relay.Start(TypeUrl.Cluster, [], Cluster("a"));
        relay.Ask(TypeUrl.Runtime, "ours", "theirs");
        Assert.That(relay.Request().Names, Is.EqualTo(new[] { "theirs" }));
        var empty = relay.ExpectAndAck(TypeUrl.Runtime);

        relay.Give(TypeUrl.Runtime, theirs);
        var given = relay.ExpectAndAck(TypeUrl.Runtime);
        relay.Lay(Of(Runtime("o", "ours", "a", new BreakerSettings { MaxRequests = 7 })) with { Layers = ["ours"] });
        var laid = relay.ExpectAndAck(TypeUrl.Runtime);
        relay.Lay(OverlaysInForce.None with { Layers = ["ours"] });
        var withdrawn = relay.ExpectAndAck(TypeUrl.Runtime);

        var nothing = XdsResource.FromMessage(new RuntimeLayer { Name = "ours" }).AnyBytes.ToArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(empty.Names.Concat(empty.Removed), Is.EqualTo(new[] { "ours" }), "the other is awaited");
            Assert.That(Bytes(empty), Is.EqualTo(nothing));
            Assert.That(given.Names, Is.EqualTo(new[] { "theirs" }));
            Assert.That(Bytes(given), Is.EqualTo(theirs.AnyBytes.ToArray()));
            Assert.That(laid.Names, Is.EqualTo(new[] { "ours" }));
            Assert.That(Bytes(laid), Is.Not.EqualTo(nothing));
            Assert.That(withdrawn.Names, Is.EqualTo(new[] { "ours" }));
            Assert.That(Bytes(withdrawn), Is.EqualTo(nothing));
        }
    }

    /// <summary>Envoy builds the cluster anew and warms it: the upstream does not know, so nobody else tells the
    /// endpoints.</summary>
    [Test]
    public void OnOverlays_OnACluster_ItsEndpointsFollowThoughTheyAreTheSame()
    {
        var relay = new RelayHarness(isDelta);
        relay.Start(TypeUrl.Cluster, [], Cluster("a"), Cluster("b"));
        relay.Start(Eds, ["a", "b"], Endpoints("a"), Endpoints("b"));

        foreach (var overlays in new[] { Of(OnCluster), OverlaysInForce.None })
        {
            relay.Lay(overlays);
            Assert.That(relay.ExpectAndAck(TypeUrl.Cluster).Names, Is.EqualTo(isDelta ? ["a"] : new[] { "a", "b" }));
            var endpoints = relay.ExpectAndAck(Eds);
            Assert.That(endpoints.Names, Is.EqualTo(new[] { "a" }));
            Assert.That(Bytes(endpoints), Is.EqualTo(Endpoints("a").AnyBytes.ToArray()));
            relay.ExpectNothing();
        }

        Assert.That(relay.Requests(), Is.Empty);
    }

    /// <summary>All but the overlaid one stay the upstream's, down to unknown fields.</summary>
    [Test]
    public void OnOverlays_OtherResources_KeepTheirBytes()
    {
        byte[] odd = [0x7a, 0x01, 0x00, .. Cluster("b").AnyBytes.Span]; // Field 15, unknown to an Any.
        var other = XdsResource.FromAny("b", odd) ?? throw new AssertionException("no Any");
        var relay = new RelayHarness(isDelta, Of(OnCluster));
        relay.Ask(TypeUrl.Cluster);

        relay.Give(TypeUrl.Cluster, Cluster("a"), other);

        var answer = relay.ExpectAndAck(TypeUrl.Cluster);
        Assert.That(answer.Resources[1].Any.ToByteArray(), Is.EqualTo(odd));
        Assert.That(Bytes(answer), Is.Not.EqualTo(Cluster("a").AnyBytes.ToArray()));
    }

    private static XdsResource Pristine => Split("r", ("a", 90), ("b", 10));

    private static XdsResource Laid => Split("r", ("a", 1), ("b", 10));

    private static OverlaysInForce Of(Overlay overlay, string? basis = null) => new(
        [overlay],
        basis is null ? OverlayBasis.None : OverlayBasis.None.Add(overlay.Id, basis),
        ImmutableArray<string>.Empty);

    private static XdsResource With(XdsResource routes)
    {
        var message = RouteConfiguration.Parser.ParseFrom(routes.ValueBytes.Span);
        message.InternalOnlyHeaders.Add("x-new");
        return XdsResource.FromMessage(message);
    }

    private static byte[] Bytes(RelayedAnswer answer) => answer.Resources[0].Any.ToByteArray();
}
