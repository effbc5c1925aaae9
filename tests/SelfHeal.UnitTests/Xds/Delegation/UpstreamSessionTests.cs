using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Resources;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Delegation;

/// <summary>What both variants have in common.</summary>
internal sealed class UpstreamSessionTests
{
    private const string Private = TypeUrl.Prefix + "company.Private";

    [TestCase(false)]
    [TestCase(true)]
    public void TryTakeRequest_NotConnectedOrNotIntroduced_Nothing(bool isDelta)
    {
        var upstream = new UpstreamHarness(isDelta);
        upstream.AskForAll(TypeUrl.Cluster);
        upstream.Session.OnLost();
        Assert.That(upstream.Take(), Is.Null, "the stream has ended");

        upstream.Session.OnConnected();

        Assert.That(upstream.Take()?.Type, Is.EqualTo(TypeUrl.Cluster));
        Assert.That(upstream.Take(), Is.Null, "once");
        var unknown = new UpstreamSession(isDelta, []);
        unknown.OnConnected();
        unknown.Ask(new("", TypeUrl.Cluster, [], [], Wildcard: true));
        Assert.That(unknown.TryTakeRequest(out Envoy.Service.Discovery.V3.DiscoveryRequest? _), Is.False);
        Assert.That(unknown.TryTakeRequest(out Envoy.Service.Discovery.V3.DeltaDiscoveryRequest? _), Is.False);
    }

    /// <summary>Behaviour 1, as a client.</summary>
    [TestCase(false)]
    [TestCase(true)]
    public void TryTakeRequest_Node_IsInTheFirstOfEachConnectionOnly(bool isDelta)
    {
        var upstream = new UpstreamHarness(isDelta);
        upstream.AskForAll(TypeUrl.Cluster);
        upstream.AskForAll(TypeUrl.Listener);
        string?[] first = [upstream.Expect().Node, upstream.Expect().Node];

        upstream.Session.OnLost();
        upstream.Session.OnConnected();
        string?[] second = [upstream.Expect().Node, upstream.Expect().Node];

        Assert.That(first, Is.EqualTo(new[] { "node", null }));
        Assert.That(second, Is.EqualTo(first));
    }

    /// <summary>Types are asked for in send order, whatever order the client asks in.</summary>
    [TestCase(false)]
    [TestCase(true)]
    public void TryTakeRequest_ManyChangesBeforeItIsTaken_OnePerTypeWithAllOfThem(bool isDelta)
    {
        var upstream = new UpstreamHarness(isDelta);
        upstream.Ask(TypeUrl.RouteConfiguration, "r1");
        for (var place = 0; place < 10; place++)
            upstream.Ask(TypeUrl.ClusterLoadAssignment, $"c{place}");
        upstream.Drop(TypeUrl.ClusterLoadAssignment, "c0", "c5");

        var endpoints = upstream.Expect();
        var routes = upstream.Expect();

        Assert.That(upstream.Take(), Is.Null);
        Assert.That(endpoints.Names, Is.EqualTo(new[] { "c1", "c2", "c3", "c4", "c6", "c7", "c8", "c9" }));
        Assert.That(endpoints.Unsubscribed, Is.Empty, "what was never asked for need not be given up");
        Assert.That(routes.Names, Is.EqualTo(new[] { "r1" }));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void TryTakeRequest_ChangeTakenBackBeforeItIsTold_Nothing(bool isDelta)
    {
        var upstream = new UpstreamHarness(isDelta);
        upstream.Ask(TypeUrl.ClusterLoadAssignment, "a");
        upstream.Expect();
        upstream.Ask(TypeUrl.ClusterLoadAssignment, "b");
        upstream.Drop(TypeUrl.ClusterLoadAssignment, "b");

        Assert.That(upstream.Take(), Is.Null);
    }

    /// <summary>The upstream has not heard that the name was given up, and will not give it again.</summary>
    [TestCase(false)]
    [TestCase(true)]
    public void Ask_NameGivenUpAndAskedForBeforeThatIsTold_KeepsWhatWasGiven(bool isDelta)
    {
        var upstream = new UpstreamHarness(isDelta);
        upstream.Ask(TypeUrl.ClusterLoadAssignment, "a");
        upstream.Expect();
        upstream.Give(TypeUrl.ClusterLoadAssignment, "n1", Endpoints("a"));

        upstream.Drop(TypeUrl.ClusterLoadAssignment, "a");
        upstream.Ask(TypeUrl.ClusterLoadAssignment, "a");

        Assert.That(upstream.Take(), Is.Null);
        Assert.That(upstream.Bytes(TypeUrl.ClusterLoadAssignment, "a"), Is.EqualTo(Endpoints("a").AnyBytes.ToArray()));
        Assert.That(upstream.Session.IsAwaited(TypeUrl.ClusterLoadAssignment, "a"), Is.False);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Ask_NameGivenUp_GoesWhenTheUpstreamIsTold(bool isDelta)
    {
        var upstream = new UpstreamHarness(isDelta);
        upstream.Ask(TypeUrl.ClusterLoadAssignment, "a", "b");
        upstream.Expect();
        upstream.Give(TypeUrl.ClusterLoadAssignment, "n1", Endpoints("a"), Endpoints("b"));
        upstream.Acknowledge();
        upstream.Expect();

        upstream.Drop(TypeUrl.ClusterLoadAssignment, "a");
        upstream.Expect();
        Assert.That(upstream.Names(TypeUrl.ClusterLoadAssignment), Is.EqualTo(new[] { "b" }));

        upstream.Ask(TypeUrl.ClusterLoadAssignment, "a");
        Assert.That(upstream.Session.IsAwaited(TypeUrl.ClusterLoadAssignment, "a"), "it may have changed meanwhile");
        Assert.That(upstream.Expect().Names, Does.Contain("a"));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Ask_OwnRuntimeLayer_IsNeverForwarded(bool isDelta)
    {
        var upstream = new UpstreamHarness(isDelta, "ours");
        upstream.Ask(TypeUrl.Runtime, "ours");
        Assert.That(upstream.Take(), Is.Null, "nothing of it is the upstream's");
        Assert.That(upstream.Session.MayAnswer(TypeUrl.Runtime), Is.True);
        Assert.That(upstream.Session.IsAwaited(TypeUrl.Runtime, "ours"), Is.False);

        upstream.Ask(TypeUrl.Runtime, "theirs");

        Assert.That(upstream.Expect().Names, Is.EqualTo(new[] { "theirs" }));
        Assert.That(upstream.Session.IsAwaited(TypeUrl.Runtime, "theirs"), Is.True);
        upstream.Ask(TypeUrl.Secret, "ours");
        Assert.That(upstream.Expect().Names, Is.EqualTo(new[] { "ours" }), "of another type it is any name");
    }

    [TestCase(false)]
    [TestCase(true)]
    public void OnResponse_TypeThatWasNeverAskedFor_SaysSoAndNothingIsSent(bool isDelta)
    {
        var upstream = new UpstreamHarness(isDelta);
        upstream.AskForAll(TypeUrl.Cluster);
        upstream.Expect();

        var problem = upstream.Give(TypeUrl.Listener, "n1", Listener("l", "r"));

        Assert.That(problem, Is.EqualTo(
            $"a response of type '{TypeUrl.Listener}' came, which was never asked for"));
        Assert.That(upstream.Take(), Is.Null);
        Assert.That(upstream.Session.HasAnswered, Is.False);
    }

    /// <summary>Bytes that are no Any, an Any of another type, one without a name, and a name that comes twice.
    /// </summary>
    [Test]
    public void OnResponse_ResourceThatCannotBeRelayed_IsRejectedAndWhatWasGivenStays(
        [Values] bool isDelta, [Values("garbage", "type", "name", "twice")] string fault)
    {
        var upstream = new UpstreamHarness(isDelta);
        upstream.AskForAll(TypeUrl.Cluster);
        upstream.Expect();
        upstream.Give(TypeUrl.Cluster, "n1", Cluster("a"));
        upstream.Acknowledge();
        upstream.Expect();

        var problem = GiveFaulty(upstream, isDelta, fault);

        var request = upstream.Expect();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(request.Nonce, Is.EqualTo("n2"));
            Assert.That(request.Error, Is.EqualTo(problem));
            Assert.That(request.Version, Is.EqualTo(isDelta ? "" : "version-n1"), "what was accepted last");
            Assert.That(problem, Does.Contain("envoy.config.cluster.v3.Cluster").And.Contain(Expected(isDelta, fault)));
            Assert.That(upstream.Names(TypeUrl.Cluster), Is.EqualTo(new[] { "a" }));
            Assert.That(upstream.Take(), Is.Null, "once");
        }

        Assert.That(upstream.Give(TypeUrl.Cluster, "n3", Cluster("b", 2)), Is.Empty, "the next one counts");
        upstream.Acknowledge();
        Assert.That(upstream.Expect().IsAck);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void OnResponse_EqualContent_IsTheVerySameSet(bool isDelta)
    {
        var upstream = new UpstreamHarness(isDelta);
        upstream.AskForAll(TypeUrl.Cluster);
        upstream.Expect();
        upstream.Give(TypeUrl.Cluster, "n1", Cluster("a"), Cluster("b"));
        var before = upstream.Session.Snapshot;

        upstream.Give(TypeUrl.Cluster, "n2", Cluster("b"), Cluster("a"));

        Assert.That(upstream.Session.Snapshot, Is.SameAs(before));
    }

    /// <summary>A newer response makes the one before it stale.</summary>
    [TestCase(false)]
    [TestCase(true)]
    public void OnResponse_TwoBeforeAnyIsAnswered_OnlyTheLatestIs(bool isDelta)
    {
        var upstream = new UpstreamHarness(isDelta);
        upstream.AskForAll(TypeUrl.Cluster);
        upstream.Expect();
        upstream.Give(TypeUrl.Cluster, "n1", Cluster("a"));
        upstream.Acknowledge();
        upstream.Give(TypeUrl.Cluster, "n2", Cluster("a", 2));
        Assert.That(upstream.Take(), Is.Null, "the first is stale, and of the second nothing is known");

        upstream.Acknowledge();

        Assert.That(upstream.Expect().Nonce, Is.EqualTo("n2"));
        Assert.That(upstream.Take(), Is.Null);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void OnConnected_AnswerThatWasDue_IsNotGivenToAnotherStream(bool isDelta)
    {
        var upstream = new UpstreamHarness(isDelta);
        upstream.AskForAll(TypeUrl.Cluster);
        upstream.Expect();
        upstream.Give(TypeUrl.Cluster, "n1", Cluster("a"));
        upstream.Acknowledge();

        upstream.Session.OnLost();
        upstream.Session.OnConnected();

        var request = upstream.Expect();
        Assert.That(request.Nonce, Is.Empty, "a nonce lives as long as its stream");
        Assert.That(upstream.Take(), Is.Null);
        Assert.That(upstream.Session.Undecided, Is.Empty);
    }

    /// <summary>Endpoints and routes are asked for after what names them: long after a start without an upstream.
    /// </summary>
    [TestCase(false)]
    [TestCase(true)]
    public void Restore_TypesThatAreAskedForLater_HaveWhatWasKept(bool isDelta)
    {
        var earlier = new UpstreamHarness(isDelta);
        earlier.AskForAll(TypeUrl.Cluster);
        earlier.Ask(TypeUrl.ClusterLoadAssignment, "a", "b");
        earlier.Give(TypeUrl.Cluster, "n1", Cluster("a"), Cluster("b"));
        earlier.Give(TypeUrl.ClusterLoadAssignment, "n2", Endpoints("a"), Endpoints("b"));
        var upstream = new UpstreamHarness(isDelta);
        upstream.AskForAll(TypeUrl.Cluster);

        upstream.Session.Restore(earlier.Session.Contents);
        var kept = upstream.Session.Contents;
        Assert.That(upstream.Names(TypeUrl.Cluster), Is.EqualTo(new[] { "a", "b" }));
        upstream.Ask(TypeUrl.ClusterLoadAssignment, "b", "c");

        Assert.That(upstream.Names(TypeUrl.ClusterLoadAssignment), Is.EqualTo(new[] { "b" }));
        Assert.That(upstream.Session.MayAnswer(TypeUrl.ClusterLoadAssignment));
        Assert.That(upstream.Session.IsAwaited(TypeUrl.ClusterLoadAssignment, "b"), Is.False);
        Assert.That(upstream.Session.IsAwaited(TypeUrl.ClusterLoadAssignment, "c"), "nobody has said anything of it");
        Assert.That(kept.Count, Is.EqualTo(4), "what is not asked for yet is kept for the next time");
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Restore_TypeThatTheUpstreamHasAnswered_TheUpstreamCounts(bool isDelta)
    {
        var earlier = new UpstreamHarness(isDelta);
        earlier.AskForAll(TypeUrl.Cluster);
        earlier.Ask(TypeUrl.ClusterLoadAssignment, "a");
        earlier.Give(TypeUrl.Cluster, "n1", Cluster("old"));
        earlier.Give(TypeUrl.ClusterLoadAssignment, "n2", Endpoints("a"));
        var upstream = new UpstreamHarness(isDelta);
        upstream.AskForAll(TypeUrl.Cluster);
        upstream.Give(TypeUrl.Cluster, "n1", Cluster("new"));

        upstream.Session.Restore(earlier.Session.Contents);
        Assert.That(upstream.Names(TypeUrl.Cluster), Is.EqualTo(new[] { "new" }));

        upstream.Ask(TypeUrl.ClusterLoadAssignment, "a", "b");
        upstream.Expect();
        upstream.Give(TypeUrl.ClusterLoadAssignment, "n3", Endpoints("b"));
        upstream.Ask(TypeUrl.ClusterLoadAssignment, "c");
        Assert.That(upstream.Names(TypeUrl.ClusterLoadAssignment), Is.EqualTo(new[] { "a", "b" }));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void OnResponse_PrivateType_IsPassedOnAsItIs(bool isDelta)
    {
        var upstream = new UpstreamHarness(isDelta);
        upstream.AskForAll(Private);
        upstream.Expect();
        var resource = XdsResource.FromBytes(Private, "name", [0xff, 0xfe]);

        Assert.That(upstream.Give(Private, "n1", resource), Is.Empty);

        var name = isDelta ? "name" : "#000000";
        Assert.That(upstream.Names(Private), Is.EqualTo(new[] { name }));
        Assert.That(upstream.Bytes(Private, name), Is.EqualTo(resource.AnyBytes.ToArray()));
    }

    private static string GiveFaulty(UpstreamHarness upstream, bool isDelta, string fault)
    {
        ByteString[] resources = fault switch
        {
            "garbage" => [ByteString.CopyFrom(0xff, 0xff)],
            "type" => [ByteString.CopyFrom(Endpoints("b").AnyBytes.Span)],
            "name" => [new Any { TypeUrl = TypeUrl.Cluster }.ToByteString()],
            _ => [Bytes(Cluster("b")), Bytes(Cluster("b", 2))],
        };
        if (!isDelta)
        {
            return upstream.Session.OnResponse(
                new RelayedResponse { TypeUrl = TypeUrl.Cluster, Nonce = "n2", Resources = { resources } });
        }

        var name = fault is "name" ? "" : "b";
        return upstream.Session.OnResponse(new RelayedDeltaResponse
        {
            TypeUrl = TypeUrl.Cluster,
            Nonce = "n2",
            Resources = { resources.Select(any => new RelayedResource { Name = name, Resource = any }) },
            RemovedResources = { "a" },
        });
    }

    private static ByteString Bytes(XdsResource resource) => ByteString.CopyFrom(resource.AnyBytes.Span);

    private static string Expected(bool isDelta, string fault) => fault switch
    {
        "twice" => "'b' comes twice in one response",
        _ when isDelta => "cannot be read; expected a name and an Any",
        _ => "resources[0] of ",
    };
}
