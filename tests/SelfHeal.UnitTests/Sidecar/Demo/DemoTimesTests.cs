using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Demo;

namespace SelfHeal.UnitTests.Sidecar.Demo;

internal sealed class DemoTimesTests
{
    private static readonly DateTimeOffset First = new(2026, 4, 12, 3, 17, 42, TimeSpan.Zero);

    [Test]
    public void Steps_FullTimeline_AddUpToTheAck()
    {
        var steps = DemoTimes.Steps(
            First,
            [
                At(-3, "flush"), At(2, "flush"), At(2, "breach"), At(7, "persistent"), At(7, "declared"),
                At(8, "appended"), At(9, "pushed"), At(10, "acked"), At(40, "passed"),
            ]);

        Assert.That(
            steps.Select(step => step.SinceStart?.TotalSeconds), Is.EqualTo(new double?[] { 0, 2, 2, 7, 8, 9, 10 }));
        Assert.That(
            steps.Select(step => step.Took?.TotalSeconds), Is.EqualTo(new double?[] { null, 2, 0, 5, 1, 1, 1 }));
    }

    [Test]
    public void Steps_NothingPushed_LeavesTheLastOnesOpen()
    {
        var steps = DemoTimes.Steps(First, [At(2, "flush"), At(2, "breach"), At(7, "recommended")]);

        Assert.That(steps, Has.Length.EqualTo(7));
        Assert.That(steps[^1].SinceStart, Is.Null);
        Assert.That(DemoTimes.AckedAt([At(2, "flush")]), Is.Null);
    }

    [Test]
    public void AckedAt_WithARollback_IsTheFirstAck() =>
        Assert.That(
            DemoTimes.AckedAt([At(10, "acked"), At(30, "failed"), At(31, "acked")]), Is.EqualTo(First.AddSeconds(10)));

    private static TimelineEntry At(double seconds, string name) => new(First.AddSeconds(seconds), name, name);
}
