using SelfHeal.Xds.Resources;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Delegation;

/// <summary>What a client and an upstream hear of each other; without overlays.</summary>
[TestFixture(false)]
[TestFixture(true)]
internal sealed class RelaySessionTests(bool isDelta)
{
    private const string Eds = TypeUrl.ClusterLoadAssignment;
    private const string Rds = TypeUrl.RouteConfiguration;

    private RelayHarness _relay = null!; // Set before each test.

    [SetUp]
    public void Create() => _relay = new RelayHarness(isDelta);

    [Test]
    public void TryTakeResponse_BeforeTheUpstreamHasSpoken_Nothing()
    {
        _relay.Ask(TypeUrl.Cluster);
        _relay.ExpectNothing();

        _relay.Give(TypeUrl.Cluster);

        Assert.That(_relay.Expect(TypeUrl.Cluster).Names, Is.Empty, "that there is nothing is an answer, too");
    }

    [Test]
    public void TryTakeResponse_NamesOfWhichTheUpstreamHasNotSpoken_AreNotAnswered()
    {
        _relay.Ask(Eds, "a", "b");
        Assert.That(_relay.Request().Names, Is.EqualTo(new[] { "a", "b" }));

        _relay.Give(Eds, Endpoints("b"));
        var first = _relay.ExpectAndAck(Eds);
        _relay.ExpectNothing();
        _relay.Give(Eds, Endpoints("a"));
        var second = _relay.ExpectAndAck(Eds);

        Assert.That((first.Names, first.Removed), Is.EqualTo((new[] { "b" }, Array.Empty<string>())));
        Assert.That(second.Names, Is.EqualTo(new[] { "a" }), "what it has is not repeated");
        Assert.That(second.Removed, Is.Empty);
    }

    [Test]
    public void Settle_ClientThatHasNotAnswered_LeavesTheUpstreamWithout()
    {
        _relay.Ask(TypeUrl.Cluster);
        _relay.Requests();
        _relay.Give(TypeUrl.Cluster, Cluster("a"));
        var answer = _relay.Expect(TypeUrl.Cluster);
        Assert.That(_relay.Requests(), Is.Empty);

        _relay.Ack(answer);

        var ack = _relay.Request();
        Assert.That((ack.Nonce, ack.Error), Is.EqualTo((_relay.LatestNonce, (string?)null)));
        Assert.That(answer.Nonce, Is.Not.EqualTo(ack.Nonce), "each side has nonces of its own");
        _relay.Give(TypeUrl.Cluster, Cluster("a"));
        _relay.ExpectNothing();
        Assert.That(_relay.Request().IsAck, "the client has it already");
    }

    [Test]
    public void Settle_ClientThatRejects_UpstreamHearsItOnceAndNothingIsSentAgain()
    {
        _relay.Ask(Eds, "a");
        _relay.Requests();
        _relay.Give(Eds, Endpoints("a"));

        _relay.Nack(_relay.Expect(Eds), "endpoint 1 is bad");

        var nack = _relay.Request();
        Assert.That((nack.Nonce, nack.Error), Is.EqualTo((_relay.LatestNonce, "endpoint 1 is bad")));
        _relay.ExpectNothing();
        _relay.Tick(60);
        _relay.ExpectNothing();
        Assert.That(_relay.Requests(), Is.Empty);
        Assert.That(_relay.Rejection(), Is.Null);
    }

    [Test]
    public void Settle_UpstreamRepeatsWhatWasRejected_IsRejectedAgainWithoutAskingTheClient()
    {
        _relay.Ask(Eds, "a");
        _relay.Give(Eds, Endpoints("a"));
        _relay.Nack(_relay.Expect(Eds), "endpoint 1 is bad");
        _relay.Requests();

        _relay.Give(Eds, Endpoints("a"));

        _relay.ExpectNothing();
        var nack = _relay.Request();
        Assert.That((nack.Nonce, nack.Error), Is.EqualTo((_relay.LatestNonce, "endpoint 1 is bad")));
        _relay.Give(Eds, Endpoints("a", 2));
        _relay.ExpectAndAck(Eds);
        Assert.That(_relay.Request().IsAck, "it is mended");
        _relay.Give(Eds, Endpoints("a", 2));
        Assert.That(_relay.Request().IsAck);
    }

    /// <summary>The upstream was never told of the content that the client rejects now, and it has mended it.</summary>
    [Test]
    public void Settle_RejectionOfWhatTheUpstreamHasReplaced_OnlyTheNewOneIsAnswered()
    {
        _relay.Ask(Eds, "a");
        _relay.Requests();
        _relay.Give(Eds, Endpoints("a"));
        var first = _relay.Expect(Eds);
        _relay.Give(Eds, Endpoints("a", 2));
        _relay.ExpectNothing();

        _relay.Nack(first, "endpoint 1 is bad");
        Assert.That(_relay.Requests(), Is.Empty);
        _relay.ExpectAndAck(Eds);

        var ack = _relay.Request();
        Assert.That((ack.Nonce, ack.Error), Is.EqualTo((_relay.LatestNonce, (string?)null)));
    }

    /// <summary>Nothing of what it rejected is given any more, and there is nothing that it could be asked.</summary>
    [Test]
    public void Settle_UpstreamTakesBackWhatWasRejected_IsAcknowledged()
    {
        _relay.Start(TypeUrl.Cluster, [], Cluster("a"));
        _relay.Give(TypeUrl.Cluster, Cluster("a"), Cluster("b"));
        _relay.Nack(_relay.Expect(TypeUrl.Cluster), "cluster b is bad");
        Assert.That(_relay.Request().Error, Is.EqualTo("cluster b is bad"));

        if (isDelta)
            _relay.Give(TypeUrl.Cluster, [], "b");
        else
            _relay.Give(TypeUrl.Cluster, Cluster("a"));
        _relay.ExpectAndAck(TypeUrl.Cluster);

        Assert.That(_relay.Request().IsAck);
    }

    [Test]
    public void OnConnected_AnotherUpstream_OnlyDifferencesAreSent()
    {
        _relay.Start(TypeUrl.Cluster, [], Cluster("a"), Cluster("b"), Cluster("c"));

        _relay.Reconnect();
        _relay.ExpectNothing();
        Assert.That(_relay.Request().Held, Is.EqualTo(isDelta ? ["a=", "b=", "c="] : Array.Empty<string>()));
        if (isDelta)
            _relay.Give(TypeUrl.Cluster, [Cluster("a"), Cluster("b", 2)], "c");
        else
            _relay.Give(TypeUrl.Cluster, Cluster("a"), Cluster("b", 2));

        var answer = _relay.ExpectAndAck(TypeUrl.Cluster);
        Assert.That(answer.Names, Is.EqualTo(isDelta ? ["b"] : new[] { "a", "b" }));
        Assert.That(answer.Removed, Is.EqualTo(isDelta ? ["c"] : Array.Empty<string>()));
        _relay.ExpectNothing();
        Assert.That(_relay.Request().IsAck);
    }

    [Test]
    public void OnConnected_NothingHasChanged_NotAByteIsSent()
    {
        _relay.Start(TypeUrl.Cluster, [], Cluster("a"), Cluster("b"));
        _relay.Start(Eds, ["a", "b"], Endpoints("a"), Endpoints("b"));

        _relay.Reconnect();
        Assert.That(_relay.Requests().Select(static each => each.Type), Is.EqualTo(new[] { TypeUrl.Cluster, Eds }));
        _relay.Give(TypeUrl.Cluster, Cluster("b"), Cluster("a"));
        _relay.Give(Eds, Endpoints("b"), Endpoints("a"));

        _relay.ExpectNothing();
        Assert.That(_relay.Requests().Select(static each => each.IsAck), Is.EqualTo(new[] { true, true }));
    }

    [Test]
    public void OnConnected_NamesAskedForWhileThereWasNoUpstream_AreToldAndAnswered()
    {
        _relay.Start(Eds, ["a"], Endpoints("a"));
        _relay.Session.Upstream.OnLost();
        _relay.Ask(Eds, "a", "b");
        if (isDelta)
            Assert.That(_relay.ExpectAndAck(Eds).Names, Is.EqualTo(new[] { "a" }), "known, and asked for again");
        _relay.ExpectNothing();
        Assert.That(_relay.Requests(), Is.Empty);

        _relay.Reconnect();
        Assert.That(_relay.Request().Names, Is.EqualTo(new[] { "a", "b" }));
        _relay.Give(Eds, Endpoints("a"), Endpoints("b"));

        Assert.That(_relay.ExpectAndAck(Eds).Names, Is.EqualTo(new[] { "b" }));
    }

    /// <summary>An Envoy that starts while there is no upstream asks for one thing after the other.</summary>
    [Test]
    public void Restore_ClientThatAsksAsItLearns_GetsAllAndLaterOnlyDifferences()
    {
        _relay.Start(TypeUrl.Cluster, [], Cluster("a"));
        _relay.Start(Eds, ["a"], Endpoints("a"));
        _relay.Start(TypeUrl.Listener, [], Listener("l", "r"));
        _relay.Start(Rds, ["r"], Route("r", "a"));
        var next = new RelayHarness(isDelta);
        next.Session.Upstream.OnLost();

        next.Ask(TypeUrl.Cluster);
        next.ExpectNothing();
        next.Restore(_relay.Session.Upstream.Contents);
        var clusters = next.ExpectAndAck(TypeUrl.Cluster);
        next.Ask(Eds, "a");
        next.ExpectAndAck(Eds);
        next.Ask(TypeUrl.Listener);
        next.ExpectAndAck(TypeUrl.Listener);
        next.Ask(Rds, "r");
        var routes = next.ExpectAndAck(Rds);

        Assert.That(clusters.Resources[0].Any.ToByteArray(), Is.EqualTo(Cluster("a").AnyBytes.ToArray()));
        Assert.That(routes.Resources[0].Any.ToByteArray(), Is.EqualTo(Route("r", "a").AnyBytes.ToArray()));
        Assert.That(next.Requests(), Is.Empty, "there is nobody");
        next.Reconnect();
        Assert.That(next.Requests(), Has.Length.EqualTo(4));
        next.Give(TypeUrl.Cluster, Cluster("a"));
        next.Give(Eds, Endpoints("a", 2));
        Assert.That(next.ExpectAndAck(Eds).Names, Is.EqualTo(new[] { "a" }));
        next.ExpectNothing();
    }

    /// <summary>Behaviour 64: a cluster that comes again warms until its endpoints do.</summary>
    [Test]
    public void TryTakeResponse_ClusterChanges_ItsEndpointsFollowFromWhatIsKnown()
    {
        _relay.Start(TypeUrl.Cluster, [], Cluster("a"), Cluster("b"));
        _relay.Start(Eds, ["a", "b"], Endpoints("a"), Endpoints("b"));

        if (isDelta)
            _relay.Give(TypeUrl.Cluster, Cluster("a", 2));
        else
            _relay.Give(TypeUrl.Cluster, Cluster("a", 2), Cluster("b"));

        _relay.ExpectAndAck(TypeUrl.Cluster);
        var endpoints = _relay.ExpectAndAck(Eds);
        Assert.That(endpoints.Names, Is.EqualTo(new[] { "a" }));
        _relay.Give(Eds, Endpoints("a"), Endpoints("b"));
        _relay.ExpectNothing();
    }

    /// <summary>A client that answers neither way does not stop the upstream from being heard.</summary>
    [Test]
    public void TryTakeResponse_SlowClient_GetsTheLatestOnly()
    {
        _relay.Ask(Eds, "a");
        _relay.Give(Eds, Endpoints("a"));
        var first = _relay.Expect(Eds);
        for (var knob = 2; knob < 6; knob++)
            _relay.Give(Eds, Endpoints("a", knob));
        _relay.ExpectNothing();

        _relay.Ack(first);

        Assert.That(
            _relay.ExpectAndAck(Eds).Resources[0].Any.ToByteArray(), Is.EqualTo(Endpoints("a", 5).AnyBytes.ToArray()));
        _relay.ExpectNothing();
        Assert.That(_relay.Requests().Where(static each => each.IsAck).Select(static each => each.Nonce),
            Is.EqualTo(new[] { _relay.LatestNonce }), "the others are stale");
    }

    [Test]
    public void OnRequest_OfTheOtherVariant_IsADefectOfTheCaller()
    {
        Assert.That(
            () =>
            {
                if (isDelta)
                    _relay.Session.OnRequest(new Envoy.Service.Discovery.V3.DiscoveryRequest());
                else
                    _relay.Session.OnRequest(new Envoy.Service.Discovery.V3.DeltaDiscoveryRequest());
            },
            Throws.InvalidOperationException);
    }
}
