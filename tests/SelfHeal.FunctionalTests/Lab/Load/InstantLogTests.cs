using SelfHeal.Lab.Load;

namespace SelfHeal.FunctionalTests.Lab.Load;

[TestFixture]
public sealed class InstantLogTests
{
    private static readonly DateTimeOffset Start = new(2026, 4, 12, 3, 17, 42, TimeSpan.Zero);

    [Test]
    public void CountAfter_InstantItself_IsNotCounted()
    {
        var log = new InstantLog();
        log.Add(Start);
        log.Add(Start.AddTicks(1));

        Assert.That(log.CountAfter(Start), Is.EqualTo(1));
        Assert.That(log.FirstFrom(Start), Is.EqualTo(Start));
        Assert.That(log.FirstFrom(Start.AddTicks(2)), Is.Null);
    }

    [Test]
    public void CountAfter_BeyondWhatIsKept_ThrowsInsteadOfAnsweringTooLow()
    {
        var log = new InstantLog();
        for (var i = 0; i <= InstantLog.Capacity; i++)
            log.Add(Start.AddMilliseconds(i));

        Assert.That(() => log.CountAfter(Start.AddSeconds(-1)), Throws.InvalidOperationException);
        Assert.That(log.CountAfter(Start.AddMilliseconds(InstantLog.Capacity - 10)), Is.EqualTo(10));
        Assert.That(log.Total, Is.EqualTo(InstantLog.Capacity + 1));
    }
}
