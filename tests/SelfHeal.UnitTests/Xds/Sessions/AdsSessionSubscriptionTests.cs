using Envoy.Config.Endpoint.V3;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Sessions;

/// <summary>Wildcards, names and what an answer holds in the state-of-the-world variant.</summary>
public sealed class AdsSessionSubscriptionTests
{
    private static readonly ValidatedSnapshot Two = Snapshot([.. Service("a"), .. Service("b")]);

    [TestCase(TypeUrl.Cluster)]
    [TestCase(TypeUrl.Listener)]
    public void OnRequest_FirstWithoutNames_B27_IsWildcard(string typeUrl)
    {
        var client = new SotwHarness(Two);
        client.Subscribe(typeUrl);
        Assert.That(client.Expect(typeUrl).Resources, Has.Count.EqualTo(2));
    }

    [Test]
    public void OnRequest_ExplicitWildcardAndNames_B28_AreBoth()
    {
        var client = new SotwHarness(Two);
        client.Subscribe(TypeUrl.Cluster, "*", "missing");
        Assert.That(SotwHarness.Names(client.Expect(TypeUrl.Cluster)), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public void OnRequest_NamesAfterWildcard_B29_DropTheWildcard()
    {
        var client = new SotwHarness(Two);
        client.Subscribe(TypeUrl.Cluster);
        client.Ack(client.Expect(TypeUrl.Cluster), "a");
        Assert.That(SotwHarness.Names(client.ExpectAndAck(TypeUrl.Cluster)), Is.EqualTo(new[] { "a" }));
        client.Session.OnSnapshot(Snapshot([.. Service("a"), .. Service("b", 2)]));
        client.ExpectNothing();
    }

    [Test]
    public void OnRequest_EmptyAfterNames_B30_IsNoWildcard()
    {
        var client = new SotwHarness(Two);
        client.Subscribe(TypeUrl.Cluster, "a");
        var response = client.Expect(TypeUrl.Cluster);
        client.SetNames(TypeUrl.Cluster);
        client.Ack(response);
        client.Session.OnSnapshot(Snapshot([.. Service("a", 2), .. Service("b", 2)]));
        client.ExpectNothing();
    }

    [TestCase(TypeUrl.ClusterLoadAssignment)]
    [TestCase(TypeUrl.RouteConfiguration)]
    [TestCase(TypeUrl.Secret)]
    public void OnRequest_EmptyForNamedTypes_B31_IsNoInterest(string typeUrl)
    {
        var client = new SotwHarness(Two);
        client.Subscribe(typeUrl);
        client.ExpectNothing();
    }

    [Test]
    public void OnRequest_NewName_B32_IsSentAtTheSameVersion()
    {
        var client = new SotwHarness(Two);
        client.Subscribe(TypeUrl.ClusterLoadAssignment, "a");
        var first = client.Expect(TypeUrl.ClusterLoadAssignment);
        client.Ack(first, "a", "b");
        var second = client.Expect(TypeUrl.ClusterLoadAssignment);
        Assert.That(SotwHarness.Names(second), Is.EqualTo(new[] { "b" }));
        Assert.That(second.VersionInfo, Is.EqualTo(first.VersionInfo));
    }

    [Test]
    public void OnRequest_UnsubscribedAndSubscribedAgain_B33_YieldsAFreshCopy()
    {
        var client = new SotwHarness(Two);
        client.Subscribe(TypeUrl.RouteConfiguration, "a-route", "b-route");
        var response = client.Expect(TypeUrl.RouteConfiguration);
        client.Ack(response, "a-route");
        client.ExpectNothing();
        client.Ack(response, "a-route", "b-route");
        Assert.That(SotwHarness.Names(client.Expect(TypeUrl.RouteConfiguration)), Is.EqualTo(new[] { "b-route" }));
    }

    [Test]
    public void OnSnapshot_NameCreatedLater_B34_IsPushed()
    {
        var client = new SotwHarness(Snapshot(Service("a")));
        client.Subscribe(TypeUrl.RouteConfiguration, "b-route");
        client.ExpectNothing();
        client.Session.OnSnapshot(Two);
        Assert.That(SotwHarness.Names(client.Expect(TypeUrl.RouteConfiguration)), Is.EqualTo(new[] { "b-route" }));
    }

    [Test]
    public void TryTakeResponse_UnsubscribedMeanwhile_B35_IsNotSent()
    {
        var client = new SotwHarness(Two);
        client.Subscribe(TypeUrl.RouteConfiguration, "a-route", "b-route");
        var response = client.Expect(TypeUrl.RouteConfiguration);
        client.Session.OnSnapshot(Snapshot([.. Service("a"), .. Service("b", 2)]));
        client.Ack(response, "a-route");
        client.ExpectNothing();
    }

    [Test]
    public void OnSnapshot_NamedClusters_B36_AnswersTheWholeNamedSet()
    {
        var client = new SotwHarness(Snapshot([.. Service("a"), .. Service("b"), .. Service("c")]));
        client.Subscribe(TypeUrl.Cluster, "a", "b");
        client.ExpectAndAck(TypeUrl.Cluster);
        client.Session.OnSnapshot(Snapshot([.. Service("a", 2), .. Service("b"), .. Service("c")]));
        Assert.That(SotwHarness.Names(client.Expect(TypeUrl.Cluster)), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public void OnRequest_ManyNames_B37_AreAnsweredTogether()
    {
        var names = Enumerable.Range(0, 2000).Select(number => $"c{number:0000}").ToArray();
        var client = new SotwHarness(Snapshot([.. names.SelectMany(name => new[] { Cluster(name), Endpoints(name) })]));
        client.Subscribe(TypeUrl.ClusterLoadAssignment, names);
        Assert.That(SotwHarness.Names(client.ExpectAndAck(TypeUrl.ClusterLoadAssignment)), Is.EqualTo(names));
        client.ExpectNothing();
    }

    [Test]
    public void OnSnapshot_OneClusterChanged_B38_AnswersTheFullSet()
    {
        var client = new SotwHarness(Two);
        client.Subscribe(TypeUrl.Cluster);
        client.ExpectAndAck(TypeUrl.Cluster);
        client.Session.OnSnapshot(Snapshot([.. Service("a", 2), .. Service("b")]));
        Assert.That(client.Expect(TypeUrl.Cluster).Resources, Has.Count.EqualTo(2));
    }

    [Test]
    public void OnSnapshot_AllGone_B39_AnswersTheEmptySet()
    {
        var client = new SotwHarness(Two);
        client.Subscribe(TypeUrl.Listener);
        client.ExpectAndAck(TypeUrl.Listener);
        client.Session.OnSnapshot(ValidatedSnapshot.Empty);
        Assert.That(client.Expect(TypeUrl.Listener).Resources, Is.Empty);
    }

    [Test]
    public void OnSnapshot_EndpointsOrRoutesGone_B40_B41_AreNeverAnsweredEmpty()
    {
        var client = new SotwHarness(Two);
        client.Subscribe(TypeUrl.RouteConfiguration, "a-route", "b-route");
        client.ExpectAndAck(TypeUrl.RouteConfiguration);
        client.Session.OnSnapshot(Snapshot(Service("a")));
        client.ExpectNothing();
        client.Session.OnSnapshot(ValidatedSnapshot.Empty);
        client.ExpectNothing();
    }

    [Test]
    public void OnRequest_NameTwice_B42_IsAnsweredOnce()
    {
        var client = new SotwHarness(Two);
        client.Subscribe(TypeUrl.ClusterLoadAssignment, "a", "a");
        Assert.That(client.Expect(TypeUrl.ClusterLoadAssignment).Resources, Has.Count.EqualTo(1));
    }

    [Test]
    public void TryTakeResponse_Any_B43_HoldsOneType()
    {
        var client = new SotwHarness(Two);
        client.Subscribe(TypeUrl.Listener);
        Assert.That(
            client.Expect(TypeUrl.Listener).Resources.Select(any => any.TypeUrl), Is.All.EqualTo(TypeUrl.Listener));
    }

    [Test]
    public void OnRequest_WildcardOfNothing_B44_IsAnsweredEmpty()
    {
        var client = new SotwHarness(ValidatedSnapshot.Empty);
        client.Subscribe(TypeUrl.Cluster);
        Assert.That(client.ExpectAndAck(TypeUrl.Cluster).Resources, Is.Empty);
        client.ExpectNothing();
    }

    [Test]
    public void OnRequest_UnknownCluster_B77_GetsAnEmptyAssignmentAndLaterTheReal()
    {
        var client = new SotwHarness(Two);
        client.Subscribe(TypeUrl.ClusterLoadAssignment, "c");
        var empty = client.ExpectAndAck(TypeUrl.ClusterLoadAssignment);
        var assignment = empty.Resources[0].Unpack<ClusterLoadAssignment>();
        Assert.That((assignment.ClusterName, assignment.Endpoints.Count), Is.EqualTo(("c", 0)));
        client.Session.OnSnapshot(Snapshot([.. Service("a"), .. Service("b"), .. Service("c")]));
        Assert.That(
            client.Expect(TypeUrl.ClusterLoadAssignment).Resources[0].Unpack<ClusterLoadAssignment>().Endpoints,
            Is.Not.Empty);
    }

    [Test]
    public void OnRequest_SomeOfManyResources_B79_IsAnsweredAnyway()
    {
        var client = new SotwHarness(Two);
        client.Subscribe(TypeUrl.RouteConfiguration, "b-route");
        Assert.That(SotwHarness.Names(client.Expect(TypeUrl.RouteConfiguration)), Is.EqualTo(new[] { "b-route" }));
    }
}
