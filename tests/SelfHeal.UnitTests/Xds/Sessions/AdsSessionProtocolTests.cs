using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Sessions;

/// <summary>Identity, nonces, ACK and NACK in the state-of-the-world variant.</summary>
public sealed class AdsSessionProtocolTests
{
    [Test]
    public void OnRequest_NodeOnlyInFirst_B01_IsRememberedForAllTypes()
    {
        var client = new SotwHarness(Snapshot(Service("a")));
        client.Subscribe(TypeUrl.Cluster);
        client.Subscribe(TypeUrl.Listener);
        Assert.That(
            client.Events().OfType<SessionEvent.Subscribed>().Select(e => e.NodeId), Is.All.EqualTo("gateway-1"));
    }

    [Test]
    public void OnRequest_FirstWithoutNodeId_B02_EndsWithInvalidArgument()
    {
        var session = new AdsSession(new SessionOptions { StreamId = "s" });
        session.OnRequest(new DiscoveryRequest { TypeUrl = TypeUrl.Cluster });
        Assert.That(session.End?.Status, Is.EqualTo(StreamStatus.InvalidArgument));
    }

    [Test]
    public void OnRequest_OtherNode_B03_EndsTheStream()
    {
        var client = new SotwHarness(Snapshot(Service("a")));
        client.Subscribe(TypeUrl.Cluster);
        client.Session.OnRequest(
            new DiscoveryRequest { TypeUrl = TypeUrl.Cluster, Node = new Node { Id = "gateway-1" } });
        Assert.That(client.Session.End, Is.Null);
        client.Session.OnRequest(new DiscoveryRequest { TypeUrl = TypeUrl.Cluster, Node = new Node { Id = "other" } });
        Assert.That(client.Session.End?.Status, Is.EqualTo(StreamStatus.InvalidArgument));
        client.ExpectNothing();
    }

    [Test]
    public void OnRequest_EmptyTypeUrl_B04_EndsAdsAndIsImpliedElsewhere()
    {
        var ads = new SotwHarness(Snapshot(Service("a")));
        ads.Subscribe(string.Empty);
        Assert.That(ads.Session.End?.Status, Is.EqualTo(StreamStatus.InvalidArgument));

        var cds = new SotwHarness(
            Snapshot(Service("a")), new SessionOptions { StreamId = "s", FixedTypeUrl = TypeUrl.Cluster });
        cds.Subscribe(string.Empty);
        Assert.That(SotwHarness.Names(cds.Expect(TypeUrl.Cluster)), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void OnRequest_UnknownType_B05_LeavesOthersAlone()
    {
        var client = new SotwHarness(Snapshot(Service("a")));
        client.Subscribe("type.googleapis.com/no.such.Type", "x");
        client.ExpectNothing();
        client.Subscribe(TypeUrl.Cluster);
        client.ExpectAndAck(TypeUrl.Cluster);
        Assert.That(client.Session.End, Is.Null);
    }

    [Test]
    public void OnRequest_OpaqueType_IsServedFromItsBytes()
    {
        const string Type = "type.googleapis.com/no.such.Type";
        var client = new SotwHarness(Snapshot(XdsResource.FromBytes(Type, "x", [1, 2, 3])));
        client.Subscribe(Type, "x");
        Assert.That(client.Expect(Type).Resources[0].Value.ToByteArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public void OnRequest_AckOfOneType_B06_SaysNothingOfOthers()
    {
        var client = new SotwHarness(Snapshot(Service("a")));
        client.Subscribe(TypeUrl.Cluster);
        var clusters = client.Expect(TypeUrl.Cluster);
        client.Subscribe(TypeUrl.ClusterLoadAssignment, "a");
        client.Expect(TypeUrl.ClusterLoadAssignment);
        client.Ack(clusters);
        var held = client.Session.DescribeSubscriptions().ToDictionary(
            status => status.TypeUrl, status => status.Held.Count, StringComparer.Ordinal);
        Assert.That(held[TypeUrl.Cluster], Is.EqualTo(1));
        Assert.That(held[TypeUrl.ClusterLoadAssignment], Is.Zero);
    }

    [Test]
    public void OnRequest_TwoStreamsOfOneNode_B07_AreServedBoth()
    {
        var snapshot = Snapshot(Service("a"));
        var first = new SotwHarness(snapshot, new SessionOptions { StreamId = "1" });
        var second = new SotwHarness(snapshot, new SessionOptions { StreamId = "2" });
        first.Start("a");
        second.Start("a");
    }

    [Test]
    public void TryTakeResponse_ManyChanges_B10_NeverRepeatsANonce()
    {
        var client = new SotwHarness();
        client.Subscribe(TypeUrl.Cluster);
        var nonces = new List<string>();
        for (var knob = 1; knob <= 20; knob++)
        {
            client.Session.OnSnapshot(Snapshot(Cluster("a", knob), Endpoints("a")));
            nonces.Add(client.ExpectAndAck(TypeUrl.Cluster).Nonce);
        }
        Assert.That(nonces, Is.Unique);
    }

    [Test]
    public void OnRequest_NonceOfAnotherStream_B11_IsAnInitialRequest()
    {
        var client = new SotwHarness(Snapshot(Service("a")));
        client.Request(TypeUrl.Cluster, "foreign.1", null, "v");
        client.ExpectAndAck(TypeUrl.Cluster);
    }

    [Test]
    public void Version_Content_B12_B13_DependsOnContentOnly()
    {
        var first = new SotwHarness(Snapshot([.. Service("a"), .. Service("b")]));
        var restarted = new SotwHarness(Snapshot([.. Service("b"), .. Service("a")]));
        first.Subscribe(TypeUrl.Cluster);
        restarted.Subscribe(TypeUrl.Cluster);
        var before = first.ExpectAndAck(TypeUrl.Cluster);
        Assert.That(restarted.Expect(TypeUrl.Cluster).VersionInfo, Is.EqualTo(before.VersionInfo));
        first.Session.OnSnapshot(Snapshot([.. Service("a"), .. Service("b", 2)]));
        Assert.That(first.Expect(TypeUrl.Cluster).VersionInfo, Is.Not.EqualTo(before.VersionInfo));
    }

    [Test]
    public void OnRequest_Ack_B14_IsRecordedAndNotAnswered()
    {
        var client = new SotwHarness(Snapshot(Service("a")));
        client.Subscribe(TypeUrl.Cluster);
        var response = client.ExpectAndAck(TypeUrl.Cluster);
        client.ExpectNothing();
        var ack = client.Events().OfType<SessionEvent.Acknowledged>().Single();
        Assert.That((ack.Nonce, ack.Version), Is.EqualTo((response.Nonce, response.VersionInfo)));
        Assert.That(ack.Held.FindHash("a"), Is.EqualTo(Cluster("a").ContentHash));
    }

    [Test]
    public void OnRequest_ErrorDetailWithCurrentVersion_B15_IsANack()
    {
        var client = new SotwHarness(Snapshot(Service("a")));
        client.Subscribe(TypeUrl.Cluster);
        var response = client.Expect(TypeUrl.Cluster);
        client.Request(TypeUrl.Cluster, response.Nonce, "bad", response.VersionInfo);
        Assert.That(client.Events().OfType<SessionEvent.Rejected>().Single().Message, Is.EqualTo("bad"));
        Assert.That(client.Events().OfType<SessionEvent.Acknowledged>(), Is.Empty);
    }

    [Test]
    public void OnRequest_Nack_B16_KeepsWhatWasAcceptedBefore()
    {
        var client = new SotwHarness(Snapshot(Service("a")));
        client.Start("a");
        client.Session.OnSnapshot(Snapshot([.. Service("a").SkipLast(1), Route("a-route", "a", 2)]));
        client.Nack(client.Expect(TypeUrl.RouteConfiguration));
        var status = client.Session.DescribeSubscriptions().Single(each => each.TypeUrl is TypeUrl.RouteConfiguration);
        Assert.That(status.Held.FindHash("a-route"), Is.EqualTo(Route("a-route", "a").ContentHash));
        Assert.That(status.LastRejection, Is.Not.Null);
    }

    [TestCase(TypeUrl.Cluster)]
    [TestCase(TypeUrl.RouteConfiguration)]
    public void OnSnapshot_AfterNack_B17_NeverRepeatsTheRejected(string typeUrl)
    {
        var good = Snapshot(Service("a"));
        var bad = Snapshot(
            Cluster("a", 2), Endpoints("a"), Listener("a-listener", "a-route"), Route("a-route", "a", 2));
        var client = new SotwHarness(good);
        client.Subscribe(typeUrl, typeUrl is TypeUrl.Cluster ? [] : ["a-route"]);
        client.ExpectAndAck(typeUrl);
        client.Session.OnSnapshot(bad);
        client.Nack(client.Expect(typeUrl));
        var returned = client.ExpectAndAck(typeUrl);
        var accepted = good.Get(typeUrl).Resources[0].ValueBytes.ToArray();
        Assert.That(returned.Resources[0].Value.ToByteArray(), Is.EqualTo(accepted));
        client.ExpectNothing();
        foreach (var snapshot in new[] { bad, good, bad })
        {
            client.Session.OnSnapshot(snapshot);
            client.ExpectNothing();
        }
    }

    [Test]
    public void OnSnapshot_AfterNack_B18_SendsChangedAndPristineContentAtOnce()
    {
        var client = new SotwHarness(Snapshot(Service("a")));
        client.Start("a");
        client.Session.OnSnapshot(Snapshot([.. Service("a").SkipLast(1), Route("a-route", "a", 2)]));
        client.Nack(client.Expect(TypeUrl.RouteConfiguration));
        client.Session.OnSnapshot(Snapshot(Service("a")));
        var pristine = client.ExpectAndAck(TypeUrl.RouteConfiguration);
        Assert.That(pristine.Resources[0].Value.ToByteArray(), Is.EqualTo(Route("a-route", "a").ValueBytes.ToArray()));
        client.Session.OnSnapshot(Snapshot([.. Service("a").SkipLast(1), Route("a-route", "a", 3)]));
        client.ExpectAndAck(TypeUrl.RouteConfiguration);
    }

    [Test]
    public void OnRequest_NackWithOtherNames_B19_ChangesTheSubscription()
    {
        var client = new SotwHarness(Snapshot([.. Service("a"), .. Service("b")]));
        client.Subscribe(TypeUrl.RouteConfiguration, "a-route");
        var response = client.Expect(TypeUrl.RouteConfiguration);
        client.SetNames(TypeUrl.RouteConfiguration, "a-route", "b-route");
        client.Nack(response);
        Assert.That(SotwHarness.Names(client.Expect(TypeUrl.RouteConfiguration)), Is.EqualTo(new[] { "b-route" }));
    }

    [Test]
    public void OnRequest_OlderNonce_B20_B21_IsNotAnsweredButItsNamesCountInTheEnd()
    {
        var client = new SotwHarness(Snapshot([.. Service("a"), .. Service("b")]));
        client.Subscribe(TypeUrl.RouteConfiguration, "a-route");
        var first = client.ExpectAndAck(TypeUrl.RouteConfiguration);
        XdsResource[] changed = [.. Service("a")[..3], Route("a-route", "a", 2), .. Service("b")];
        client.Session.OnSnapshot(Snapshot(changed));
        var second = client.Expect(TypeUrl.RouteConfiguration);
        client.SetNames(TypeUrl.RouteConfiguration, "a-route", "b-route");
        client.Request(TypeUrl.RouteConfiguration, first.Nonce, null);
        client.ExpectNothing();
        client.Ack(second);
        Assert.That(SotwHarness.Names(client.Expect(TypeUrl.RouteConfiguration)), Is.EqualTo(new[] { "b-route" }));
        Assert.That(client.Events().OfType<SessionEvent.Stale>().Count(), Is.EqualTo(1));
    }

    [Test]
    public void OnRequest_NewerBeforeAnyAnswer_B22_Supersedes()
    {
        var client = new SotwHarness();
        client.Subscribe(TypeUrl.RouteConfiguration, "a-route");
        client.Subscribe(TypeUrl.RouteConfiguration, "b-route");
        client.Session.OnSnapshot(Snapshot([.. Service("a"), .. Service("b")]));
        Assert.That(SotwHarness.Names(client.Expect(TypeUrl.RouteConfiguration)), Is.EqualTo(new[] { "b-route" }));
        client.ExpectNothing();
    }

    [Test]
    public void OnRequest_SameNonceOtherNames_B23_IsLegalAndNoNack()
    {
        var client = new SotwHarness(Snapshot([.. Service("a"), .. Service("b"), .. Service("c")]));
        client.Subscribe(TypeUrl.RouteConfiguration, "a-route");
        var response = client.ExpectAndAck(TypeUrl.RouteConfiguration);
        client.Ack(response, "a-route", "b-route");
        client.Ack(response, "a-route", "b-route", "c-route");
        Assert.That(
            SotwHarness.Names(client.Expect(TypeUrl.RouteConfiguration)), Is.EqualTo(new[] { "b-route", "c-route" }));
        Assert.That(client.Events().OfType<SessionEvent.Rejected>(), Is.Empty);
    }

    [Test]
    public void OnSnapshot_NothingSubscribedChanged_B24_IsNotAnswered()
    {
        var client = new SotwHarness(Snapshot([.. Service("a"), .. Service("b")]));
        client.Subscribe(TypeUrl.ClusterLoadAssignment, "a");
        client.ExpectAndAck(TypeUrl.ClusterLoadAssignment);
        client.Session.OnSnapshot(Snapshot([.. Service("a"), .. Service("b", 2)]));
        client.ExpectNothing();
    }

    [Test]
    public void OnRequest_LongErrorText_B25_IsKeptTruncated()
    {
        var client = new SotwHarness(Snapshot(Service("a")), new SessionOptions { StreamId = "s", ErrorTextMax = 10 });
        client.Subscribe(TypeUrl.Cluster);
        client.Nack(client.Expect(TypeUrl.Cluster), new string('x', 100));
        var rejected = client.Events().OfType<SessionEvent.Rejected>().Single();
        Assert.That(rejected.Message, Has.Length.EqualTo(10));
        Assert.That(rejected.Code, Is.EqualTo(3));
        Assert.That(rejected.Resources.Single().Name, Is.EqualTo("a"));
    }

    [Test]
    public void OnRequest_ReconnectWithVersion_B26_IsAnswered()
    {
        var snapshot = Snapshot(Service("a"));
        var client = new SotwHarness(snapshot);
        client.SetNames(TypeUrl.RouteConfiguration, "a-route");
        client.Request(
            TypeUrl.RouteConfiguration, string.Empty, null, snapshot.Get(TypeUrl.RouteConfiguration).Version);
        client.Expect(TypeUrl.RouteConfiguration);
    }

    [Test]
    public void TryTakeResponse_Unanswered_CoalescesChanges()
    {
        var client = new SotwHarness(Snapshot(Cluster("a"), Endpoints("a")));
        client.Subscribe(TypeUrl.Cluster);
        var first = client.Expect(TypeUrl.Cluster);
        for (var knob = 2; knob <= 5; knob++)
        {
            client.Session.OnSnapshot(Snapshot(Cluster("a", knob), Endpoints("a")));
            client.ExpectNothing();
        }
        client.Ack(first);
        var last = client.ExpectAndAck(TypeUrl.Cluster);
        Assert.That(last.Resources[0].Value.ToByteArray(), Is.EqualTo(Cluster("a", 5).ValueBytes.ToArray()));
        client.ExpectNothing();
    }

    [Test]
    public void TryTakeResponse_Any_B90_NamesTheControlPlane()
    {
        var client = new SotwHarness(
            Snapshot(Service("a")), new SessionOptions { StreamId = "s", ControlPlaneIdentifier = "who" });
        client.Subscribe(TypeUrl.Cluster);
        Assert.That(client.Expect(TypeUrl.Cluster).ControlPlane.Identifier, Is.EqualTo("who"));
    }

    [Test]
    public void OnRequest_TooManyNames_EndsWithResourceExhausted()
    {
        var client = new SotwHarness(
            Snapshot(Service("a")), new SessionOptions { StreamId = "s", SubscribedNamesMax = 2 });
        client.Subscribe(TypeUrl.ClusterLoadAssignment, "a", "b");
        Assert.That(client.Session.End, Is.Null);
        client.Subscribe(TypeUrl.ClusterLoadAssignment, "a", "b", "c");
        Assert.That(client.Session.End?.Status, Is.EqualTo(StreamStatus.ResourceExhausted));
    }

    [Test]
    public void OnTick_ResumedWithoutClusters_B81_EndsForAResync()
    {
        var client = new SotwHarness(Snapshot(Service("a")));
        client.SetNames(TypeUrl.ClusterLoadAssignment, "a");
        client.Request(TypeUrl.ClusterLoadAssignment, string.Empty, null, "v1");
        client.Tick(1);
        client.Tick(29);
        Assert.That(client.Session.End, Is.Null);
        client.Tick(2);
        Assert.That(client.Session.End?.Status, Is.EqualTo(StreamStatus.Unavailable));
    }
}
