using SelfHeal.Sidecar.Xds;
using SelfHeal.UnitTests.Time;
using SelfHeal.Xds.Groups;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Sidecar.Xds;

/// <summary>When what is published is served.</summary>
internal sealed class StreamHubTests
{
    private readonly SimulatedTimeProvider _time = new();

    [Test]
    public void Publish_WithAClock_PutsChangesOfOneGroupTogether()
    {
        using var hub = new StreamHub(new NodeGroups([], ""), _time);
        var (first, second, third) = (Next(1), Next(2), Next(3));

        hub.Publish(first);
        hub.Publish(second);
        hub.Publish(third);

        Assert.That(hub.Snapshot, Is.SameAs(first));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.That(hub.Snapshot, Is.SameAs(third));
    }

    [Test]
    public void Publish_AnotherGroup_WaitsForNobodysWindow()
    {
        using var hub = new StreamHub(new NodeGroups([], ""), _time);
        var (first, other) = (Next(1), Next(2));
        var slot = hub.Slot("edge");

        hub.Publish(first);
        slot.Publish(other);

        Assert.That(slot.Snapshot, Is.SameAs(other));
    }

    [Test]
    public void Publish_WithoutAClock_ServesAtOnce()
    {
        using var hub = new StreamHub();
        var second = Next(2);

        hub.Publish(Next(1));
        hub.Publish(second);

        Assert.That(hub.Snapshot, Is.SameAs(second));
    }

    private static ValidatedSnapshot Next(int knob) => Snapshot(Cluster("c", knob), Endpoints("c"));
}
