using SelfHeal.UnitTests.Ledger;

namespace SelfHeal.UnitTests.Time;

public sealed class SimulatedTimeProviderTests
{
    [Test]
    public void JumpWall_Backwards_LeavesElapsedTimeAlone()
    {
        var time = new SimulatedTimeProvider();
        var (start, wall) = (time.GetTimestamp(), time.GetUtcNow());

        time.Advance(TimeSpan.FromSeconds(3));
        time.JumpWall(-TimeSpan.FromHours(1));

        Assert.That(time.GetElapsedTime(start).TotalSeconds, Is.EqualTo(3).Within(0.001));
        Assert.That(time.GetUtcNow() - wall, Is.EqualTo(TimeSpan.FromSeconds(3 - 3600)));
        Assert.That(time.TimestampFrequency, Is.Not.EqualTo(TimeSpan.TicksPerSecond));
    }

    [Test]
    public void Advance_SeveralTimers_FireInOrderEachAtItsTime()
    {
        var time = new SimulatedTimeProvider();
        var begin = time.GetUtcNow();
        var fired = new List<(string Name, double Second)>();
        using var late = Start("late", 2.5, Timeout.InfiniteTimeSpan);
        using var each = Start("each", 1, TimeSpan.FromSeconds(1));
        using var gone = Start("gone", 1.5, Timeout.InfiniteTimeSpan);
        gone.Dispose();

        time.Advance(TimeSpan.FromSeconds(3));

        Assert.That(fired, Is.EqualTo(new[] { ("each", 1.0), ("each", 2.0), ("late", 2.5), ("each", 3.0) }));
        Assert.That(time.Waiting, Is.EqualTo(1));

        ITimer Start(string name, double seconds, TimeSpan period) => time.CreateTimer(
            _ => fired.Add((name, (time.GetUtcNow() - begin).TotalSeconds)),
            null,
            TimeSpan.FromSeconds(seconds),
            period);
    }

    [Test]
    public async Task Advance_DelayAndPeriodicTimer_Complete()
    {
        var time = new SimulatedTimeProvider();
        using var periodic = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        var delay = Task.Delay(TimeSpan.FromSeconds(2), time);
        var tick = periodic.WaitForNextTickAsync().AsTask();

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await tick.InTime(), Is.True);
        Assert.That(delay.IsCompleted, Is.False);
        time.Advance(TimeSpan.FromSeconds(1));
        await delay.InTime();
    }
}
