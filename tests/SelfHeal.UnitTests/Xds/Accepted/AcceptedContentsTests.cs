using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Accepted;

internal sealed class AcceptedContentsTests
{
    private AcceptedContents _contents = null!; // Set before each test.

    [SetUp]
    public void Begin() => _contents = new AcceptedContents(new SnapshotValidator());

    [Test]
    public void Compose_NothingAcknowledged_IsNothing()
    {
        _contents.Serve(Snapshot(Service("a")));

        Assert.That(_contents.Compose(), Is.Null);
    }

    [Test]
    public void Compose_EverythingAcknowledged_IsWhatIsServed()
    {
        var served = Snapshot(Service("a"));

        Accept(served);

        Assert.That(Describe(_contents.Compose()), Is.EqualTo(Describe(served)));
        Assert.That(served.Sets.Keys.Select(_contents.Awaits), Is.All.False);
    }

    [Test]
    public void Compose_RolloutThatIsHalfAccepted_KeepsWhatDependsOnTheRest()
    {
        var before = Snapshot(Service("a"));
        Accept(before);
        Assert.That(_contents.Compose(), Is.Not.Null);
        _contents.Serve(Snapshot(
            [Cluster("new"), Endpoints("new"), Listener("a-listener", "a-route", 2), Route("a-route", "new")]));

        // The route comes before its cluster was acknowledged; the old cluster is already gone from the client.
        Acknowledge(TypeUrl.RouteConfiguration, Route("a-route", "new"));
        Acknowledge(TypeUrl.Listener, Listener("a-listener", "a-route", 2));
        var half = _contents.Compose();
        Acknowledge(TypeUrl.Cluster, Cluster("new"));
        Acknowledge(TypeUrl.ClusterLoadAssignment, Endpoints("new"));
        var whole = _contents.Compose();

        Assert.That(
            Describe(half),
            Is.EqualTo(Describe(Snapshot(
                [Cluster("a"), Endpoints("a"), Listener("a-listener", "a-route", 2), Route("a-route", "a")]))));
        Assert.That(
            Describe(whole),
            Is.EqualTo(Describe(Snapshot(
                [Cluster("new"), Endpoints("new"), Listener("a-listener", "a-route", 2), Route("a-route", "new")]))));
    }

    [Test]
    public void Compose_ClusterGoneButRouteStillRejected_KeepsTheClusterItNeeds()
    {
        Accept(Snapshot(Service("a")));
        _contents.Serve(Snapshot(
            [Cluster("new"), Endpoints("new"), Listener("a-listener", "a-route"), Route("a-route", "new")]));

        Acknowledge(TypeUrl.Cluster, Cluster("new"));
        Acknowledge(TypeUrl.ClusterLoadAssignment, Endpoints("new"));

        var composed = _contents.Compose();
        Assert.That(composed?.Get(TypeUrl.Cluster).Find("a"), Is.Not.Null);
        Assert.That(
            composed?.Get(TypeUrl.RouteConfiguration).Find("a-route")?.ContentHash,
            Is.EqualTo(Route("a-route", "a").ContentHash));
    }

    [Test]
    public void Acknowledge_OlderContent_TellsNothing()
    {
        _contents.Serve(Snapshot(Service("a", 2)));

        Assert.That(_contents.Acknowledge(TypeUrl.Cluster, static _ => Cluster("a").ContentHash), Is.False);
        Assert.That(_contents.Awaits(TypeUrl.Cluster), Is.True);
    }

    [Test]
    public void Restore_AndServeTheSame_AwaitsNothing()
    {
        var served = Snapshot(Service("a"));
        _contents.Restore(Snapshot(Service("a")));

        _contents.Serve(served);

        Assert.That(served.Sets.Keys.Select(_contents.Awaits), Is.All.False);
        Assert.That(Describe(_contents.Compose()), Is.EqualTo(Describe(served)));
    }

    private void Accept(ValidatedSnapshot served)
    {
        _contents.Serve(served);
        foreach (var (typeUrl, set) in served.Sets)
            _contents.Acknowledge(typeUrl, name => set.Find(name)?.ContentHash);
    }

    private void Acknowledge(string typeUrl, params XdsResource[] held) =>
        _contents.Acknowledge(typeUrl, name => held.FirstOrDefault(r => r.Name == name)?.ContentHash);

    private static IEnumerable<string> Describe(ValidatedSnapshot? snapshot) =>
        snapshot?.Sets.Values.SelectMany(static set => set.Resources).Select(static r => r.ToString()) ?? [];
}
