using Envoy.Config.Core.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Sessions;

/// <summary>The incremental variant.</summary>
public sealed class DeltaAdsSessionTests
{
    private const string Eds = TypeUrl.ClusterLoadAssignment;
    private const string Rds = TypeUrl.RouteConfiguration;

    private static readonly ValidatedSnapshot One = Snapshot(Service("a"));
    private static readonly ValidatedSnapshot Two = Snapshot([.. Service("a"), .. Service("b")]);

    [Test]
    public void OnRequest_Answers_B46_PairByNonce()
    {
        var client = new DeltaHarness(One);
        client.Subscribe(TypeUrl.Cluster);
        var first = client.ExpectAndAck(TypeUrl.Cluster);
        client.Session.OnSnapshot(Snapshot(Service("a", 2)));
        client.Nack(client.Expect(TypeUrl.Cluster));
        var events = client.Events();
        Assert.That(events.OfType<SessionEvent.Acknowledged>().Single().Nonce, Is.EqualTo(first.Nonce));
        Assert.That(events.OfType<SessionEvent.Rejected>().Single().Nonce, Is.Not.EqualTo(first.Nonce));
    }

    [Test]
    public void OnRequest_WithoutNonce_B47_IsNoAck()
    {
        var client = new DeltaHarness(Two);
        client.Subscribe(Rds, "a-route");
        client.Expect(Rds);
        client.Subscribe(Rds, "b-route");
        Assert.That(client.Events().OfType<SessionEvent.Acknowledged>(), Is.Empty);
        client.ExpectNothing();
    }

    [TestCase("stale")]
    [TestCase("ack")]
    [TestCase("nack")]
    public void OnRequest_SubscriptionChange_B48_B49_B50_IsHonouredInEveryAnswer(string answer)
    {
        var client = new DeltaHarness(Two);
        client.Subscribe(Rds, "a-route");
        var response = client.Expect(Rds);
        client.Request(
            Rds, answer is "stale" ? "d1.0" : response.Nonce, answer is "nack" ? "no" : null, subscribe: ["b-route"]);
        if (answer is "stale")
        {
            client.ExpectNothing();
            client.Ack(response);
        }
        // What was rejected and never held is taken back.
        client.ExpectAndAck(Rds, ["b-route"], answer is "nack" ? ["a-route"] : []);
    }

    [Test]
    public void OnSnapshot_OneChanged_B51_SendsThatOnly()
    {
        var client = new DeltaHarness(Two);
        client.Subscribe(TypeUrl.Cluster);
        client.ExpectAndAck(TypeUrl.Cluster, ["a", "b"], []);
        client.Session.OnSnapshot(Snapshot([.. Service("a"), .. Service("b", 2)]));
        client.ExpectAndAck(TypeUrl.Cluster, ["b"], []);
        client.ExpectNothing();
    }

    [Test]
    public void OnSnapshot_Deleted_B52_IsRemoved()
    {
        var client = new DeltaHarness(Two);
        client.Subscribe(TypeUrl.Listener);
        client.ExpectAndAck(TypeUrl.Listener);
        client.Session.OnSnapshot(One);
        client.ExpectAndAck(TypeUrl.Listener, [], ["b-listener"]);
        var held = client.Session.DescribeSubscriptions()[0].Held;
        Assert.That(held.Versions.Select(each => each.Name), Is.EqualTo(new[] { "a-listener" }));
    }

    [Test]
    public void OnRequest_MissingName_B53_B54_B77_IsRemovedAtOnceAndPushedWhenCreated()
    {
        var client = new DeltaHarness(One);
        client.Subscribe(Eds, "a", "b");
        client.ExpectAndAck(Eds, ["a"], ["b"]);
        client.ExpectNothing();
        client.Session.OnSnapshot(Two);
        client.ExpectAndAck(Eds, ["b"], []);
    }

    [Test]
    public void OnRequest_SubscribedAgain_B55_IsSentThoughCurrent()
    {
        var client = new DeltaHarness(One);
        client.Subscribe(Eds, "a");
        client.ExpectAndAck(Eds);
        client.Subscribe(Eds, "a");
        client.ExpectAndAck(Eds, ["a"], []);
    }

    [Test]
    public void OnRequest_Unsubscribe_B56_B57_IsHarmlessAndNotAnswered()
    {
        var client = new DeltaHarness(Two);
        client.Subscribe(Eds, "a", "b");
        client.ExpectAndAck(Eds);
        client.Unsubscribe(Eds, "b", "never-seen");
        client.ExpectNothing();
        client.Session.OnSnapshot(Snapshot([.. Service("a"), .. Service("b", 2)]));
        client.ExpectNothing();
    }

    [Test]
    public void OnRequest_UnsubscribeNameUnderWildcard_B58_IsAnswered()
    {
        var client = new DeltaHarness(Two);
        client.Subscribe(TypeUrl.Cluster, "*", "a", "missing");
        client.ExpectAndAck(TypeUrl.Cluster, ["a", "b"], ["missing"]);
        client.Unsubscribe(TypeUrl.Cluster, "a", "missing");
        client.ExpectAndAck(TypeUrl.Cluster, ["a"], ["missing"]);
    }

    [Test]
    public void OnRequest_LegacyWildcard_B59_SurvivesNames()
    {
        var client = new DeltaHarness(One);
        client.Subscribe(TypeUrl.Cluster);
        client.ExpectAndAck(TypeUrl.Cluster);
        client.Subscribe(TypeUrl.Cluster, "a");
        client.ExpectAndAck(TypeUrl.Cluster, ["a"], []);
        client.Session.OnSnapshot(Two);
        client.ExpectAndAck(TypeUrl.Cluster, ["b"], []);
    }

    [Test]
    public void OnRequest_UnsubscribeWildcard_B60_KeepsNamesAndThenNothing()
    {
        var client = new DeltaHarness(One);
        client.Subscribe(TypeUrl.Cluster, "*", "a");
        client.ExpectAndAck(TypeUrl.Cluster);
        client.Unsubscribe(TypeUrl.Cluster, "*");
        client.Session.OnSnapshot(Snapshot([.. Service("a", 2), .. Service("b")]));
        client.ExpectAndAck(TypeUrl.Cluster, ["a"], []);
        client.Unsubscribe(TypeUrl.Cluster, "a");
        client.Session.OnSnapshot(Snapshot([.. Service("a", 3), .. Service("b", 3)]));
        client.ExpectNothing();
    }

    [Test]
    public void OnRequest_SameNameInBoth_B61_EndsUnsubscribed()
    {
        var client = new DeltaHarness(One);
        client.Request(TypeUrl.Cluster, subscribe: ["*"], unsubscribe: ["*"]);
        client.ExpectNothing();
        Assert.That(client.Session.DescribeSubscriptions()[0].Wildcard, Is.False);
    }

    [Test]
    public void OnRequest_InitialVersionsLater_B62_AreIgnored()
    {
        var client = new DeltaHarness(One);
        client.Subscribe(Eds, "b");
        client.ExpectAndAck(Eds);
        client.Request(Eds, subscribe: ["a"], initial: [Endpoints("a")]);
        client.ExpectAndAck(Eds, ["a"], []);
    }

    [Test]
    public void OnRequest_Reconnect_B63_SendsTheDifferencesOnly()
    {
        var client = new DeltaHarness(Two);
        client.Request(TypeUrl.Cluster, initial: [Cluster("a"), Cluster("b", 7), Cluster("gone")]);
        client.ExpectAndAck(TypeUrl.Cluster, ["b"], ["gone"]);
        client.ExpectNothing();
    }

    [Test]
    public void OnRequest_ReconnectWithNothingNew_B63_IsNotAnswered()
    {
        var client = new DeltaHarness(One);
        client.Request(TypeUrl.Cluster, initial: [Cluster("a")]);
        client.Request(Rds, subscribe: ["a-route"], initial: [Route("a-route", "a")]);
        client.ExpectNothing();
        var endpointsOnly = new DeltaHarness(One);
        endpointsOnly.Request(Eds, subscribe: ["a"], initial: [Endpoints("a")]);
        endpointsOnly.ExpectNothing();
    }

    [TestCase(true)]
    [TestCase(false)]
    public void OnRequest_ReconnectWhileClustersMayWarm_B64_AnswersEndpointsThoughEqual(bool clustersFirst)
    {
        var client = new DeltaHarness(One);
        // The stream before may have been cut between a cluster and the endpoints that it waits for.
        if (clustersFirst)
            client.Request(TypeUrl.Cluster, initial: [Cluster("a")]);
        client.Request(Eds, subscribe: ["a"], initial: [Endpoints("a")]);
        if (!clustersFirst)
            client.Request(TypeUrl.Cluster, initial: [Cluster("a")]);
        client.ExpectAndAck(Eds, ["a"], []);
        client.ExpectNothing();
    }

    [Test]
    public void OnRequest_ReconnectAfterAClusterVanished_B75_RemovesItAfterTheRoutes()
    {
        var client = new DeltaHarness(Snapshot(Cluster("b"), Endpoints("b"), Route("r", "b")));
        client.Request(TypeUrl.Cluster, initial: [Cluster("a")]);
        client.Request(Eds, subscribe: ["a"], initial: [Endpoints("a")]);
        client.Request(Rds, subscribe: ["r"], initial: [Route("r", "a")]);
        client.ExpectAndAck(TypeUrl.Cluster, ["b"], []);
        client.ExpectAndAck(Rds, ["r"], []);
        client.ExpectAndAck(TypeUrl.Cluster, [], ["a"]);
        client.ExpectAndAck(Eds, [], ["a"]);
        client.ExpectNothing();
    }

    [TestCase(true)]
    [TestCase(false)]
    public void OnRequest_ReconnectWithChangedCluster_B64_B76_AnswersEndpointsInFull(bool clustersFirst)
    {
        var client = new DeltaHarness(Two);
        client.Request(TypeUrl.Cluster, initial: [Cluster("a", 7), Cluster("b")]);
        if (clustersFirst)
            client.ExpectAndAck(TypeUrl.Cluster, ["a"], []);
        client.Request(Eds, subscribe: ["a", "b"], initial: [Endpoints("a"), Endpoints("b")]);
        if (!clustersFirst)
            client.ExpectAndAck(TypeUrl.Cluster, ["a"], []);
        client.ExpectAndAck(Eds, ["a", "b"], []);
    }

    [Test]
    public void OnSnapshot_ClusterChanged_B76_EndpointsAreRepeated()
    {
        var client = new DeltaHarness(Two);
        client.Subscribe(TypeUrl.Cluster);
        client.ExpectAndAck(TypeUrl.Cluster);
        client.Subscribe(Eds, "a", "b");
        client.ExpectAndAck(Eds);
        XdsResource[] changed = [Cluster("a", 2), .. Service("a")[1..], .. Service("b")];
        client.Session.OnSnapshot(Snapshot(changed));
        client.ExpectAndAck(TypeUrl.Cluster, ["a"], []);
        client.ExpectAndAck(Eds, ["a"], []);
        client.ExpectNothing();
    }

    [Test]
    public void Version_Resource_B65_IsItsContent()
    {
        var client = new DeltaHarness(One);
        client.Subscribe(TypeUrl.Cluster);
        Assert.That(client.Expect(TypeUrl.Cluster).Resources[0].Version, Is.EqualTo(Cluster("a").ContentHash));
    }

    [Test]
    public void OnRequest_Nack_B16_B17_B18_B66_IsNotHeldNotRepeatedAndPristineReturns()
    {
        var client = new DeltaHarness(One);
        client.Subscribe(Rds, "a-route");
        client.ExpectAndAck(Rds);
        var bad = Snapshot([.. Service("a")[..3], Route("a-route", "a", 2)]);
        client.Session.OnSnapshot(bad);
        client.Nack(client.Expect(Rds));
        Assert.That(
            client.Session.DescribeSubscriptions()[0].Held.FindHash("a-route"),
            Is.EqualTo(Route("a-route", "a").ContentHash));
        var returned = client.ExpectAndAck(Rds);
        Assert.That(returned.Resources.Single().Version, Is.EqualTo(Route("a-route", "a").ContentHash));
        foreach (var snapshot in new[] { bad, One, bad })
        {
            client.Session.OnSnapshot(snapshot);
            client.ExpectNothing();
        }
        client.Session.OnSnapshot(Snapshot([.. Service("a")[..3], Route("a-route", "a", 3)]));
        client.ExpectAndAck(Rds, ["a-route"], []);
    }

    [TestCase(TypeUrl.Secret)]
    [TestCase(TypeUrl.ExtensionConfig)]
    public void OnSnapshot_SecretOrExtensionGone_B69_B70_IsKeptWhileSubscribed(string typeUrl)
    {
        var extension = typeUrl is TypeUrl.Secret
            ? XdsResource.FromMessage(new Secret { Name = "x" })
            : XdsResource.FromMessage(new TypedExtensionConfig { Name = "x", TypedConfig = Any.Pack(new Router()) });
        var client = new DeltaHarness(Snapshot([.. Service("a"), extension]));
        client.Subscribe(typeUrl, "x");
        client.ExpectAndAck(typeUrl, ["x"], []);
        client.Session.OnSnapshot(One);
        client.ExpectNothing();
    }

    [Test]
    public void OnRequest_WildcardOfNothing_B44_IsAnsweredEmpty()
    {
        var client = new DeltaHarness(ValidatedSnapshot.Empty);
        client.Subscribe(TypeUrl.Cluster);
        client.ExpectAndAck(TypeUrl.Cluster, [], []);
        client.ExpectNothing();
    }

    [TestCase(Eds)]
    [TestCase(Rds)]
    public void OnRequest_EmptyForNamedTypes_B31_IsNoInterest(string typeUrl)
    {
        var client = new DeltaHarness(One);
        client.Subscribe(typeUrl);
        client.ExpectNothing();
    }

    [Test]
    public void OnSnapshot_VanishedCluster_B74_B75_GoesLast()
    {
        var client = new DeltaHarness(Snapshot(
            Cluster("a"), Endpoints("a"), Listener("l", "r"), Route("r", "a")));
        client.Subscribe(TypeUrl.Cluster);
        client.ExpectAndAck(TypeUrl.Cluster);
        client.Subscribe(Eds, "a");
        client.ExpectAndAck(Eds);
        client.Subscribe(TypeUrl.Listener);
        client.ExpectAndAck(TypeUrl.Listener);
        client.Subscribe(Rds, "r");
        client.ExpectAndAck(Rds);
        client.Session.OnSnapshot(Snapshot(Cluster("b"), Endpoints("b"), Listener("l", "r"), Route("r", "b")));
        var clusters = client.Expect(TypeUrl.Cluster);
        Assert.That((DeltaHarness.Names(clusters)[0], clusters.RemovedResources.Count), Is.EqualTo(("b", 0)));
        client.ExpectNothing();
        client.Ack(clusters);
        client.Subscribe(Eds, "b");
        client.ExpectAndAck(Eds, ["b"], []);
        client.ExpectAndAck(Rds, ["r"], []);
        client.ExpectAndAck(TypeUrl.Cluster, [], ["a"]);
        client.ExpectAndAck(Eds, [], ["a"]);
        client.ExpectNothing();
    }
}
