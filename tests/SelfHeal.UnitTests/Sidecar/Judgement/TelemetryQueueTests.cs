using SelfHeal.Core.Control;
using SelfHeal.Sidecar.Judgement;

namespace SelfHeal.UnitTests.Sidecar.Judgement;

internal sealed class TelemetryQueueTests
{
    [Test]
    public void Add_MoreThanTheWeight_DropsTheOldestFirst()
    {
        var queue = new TelemetryQueue(10);
        var dropped = new List<int>();
        foreach (var weight in (int[])[4, 4, 2, 1, 9, 30, 10])
            dropped.Add(queue.Add(new ControlEvent.StatsStreamClosed(weight), weight));

        Assert.That(dropped, Is.EqualTo(new[] { 0, 0, 0, 1, 2, 2, 1 }));
        Assert.That(Take(queue), Is.EqualTo(10));
        Assert.That(queue.TryTake(out _), Is.False);
    }

    [Test]
    public void Add_OneThatIsTooHeavy_IsKeptAlone()
    {
        var queue = new TelemetryQueue(10);
        queue.Add(new ControlEvent.StatsStreamClosed(1), 5);

        Assert.That(queue.Add(new ControlEvent.StatsStreamClosed(2), 500), Is.EqualTo(1));

        Assert.That(Take(queue), Is.EqualTo(2));
        Assert.That(queue.Add(new ControlEvent.StatsStreamClosed(3), 10), Is.Zero, "the weight went with it");
    }

    [Test]
    public void Clear_Always_LeavesAnEmptyQueue()
    {
        var queue = new TelemetryQueue(10);
        queue.Add(new ControlEvent.StatsStreamClosed(1), 10);
        queue.Clear();

        Assert.That(queue.TryTake(out _), Is.False);
        Assert.That(queue.Add(new ControlEvent.StatsStreamClosed(2), 10), Is.Zero);
    }

    private static long Take(TelemetryQueue queue)
    {
        Assert.That(queue.TryTake(out var happened), Is.True);
        return ((ControlEvent.StatsStreamClosed)happened!).Stream; // True means that there is one.
    }
}
