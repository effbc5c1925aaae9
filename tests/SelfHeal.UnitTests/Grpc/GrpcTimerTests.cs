using SelfHeal.Grpc.Wire;

namespace SelfHeal.UnitTests.Grpc;

internal sealed class GrpcTimerTests
{
    private readonly ManualTimeProvider _time = new();
    private int _fired;

    [SetUp]
    public void Reset() => _fired = 0;

    [Test]
    public void Deadline_TimePasses_FiresOnceAndRemainingFalls()
    {
        using var deadline = new GrpcDeadline(_time, TimeSpan.FromSeconds(10), () => _fired++);
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.That((_fired, deadline.Remaining), Is.EqualTo((0, TimeSpan.FromMilliseconds(100))));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.That((_fired, deadline.Remaining), Is.EqualTo((1, TimeSpan.Zero)));
    }

    [Test]
    public void Deadline_LongerThanATimerCanWait_FiresAtItsTime()
    {
        using var deadline = new GrpcDeadline(_time, TimeSpan.FromDays(200), () => _fired++);
        _time.Advance(TimeSpan.FromDays(199));
        Assert.That(_fired, Is.Zero);
        _time.Advance(TimeSpan.FromDays(2));
        Assert.That(_fired, Is.EqualTo(1));
    }

    [Test]
    public void SendWatch_SendsEndInTime_NeverFiresAndArmsRarely()
    {
        using var watch = new GrpcSendWatch(_time, TimeSpan.FromSeconds(60), () => _fired++);
        for (var i = 0; i < 1000; i++)
        {
            watch.Start();
            _time.Advance(TimeSpan.FromSeconds(1));
            watch.Stop();
        }
        _time.Advance(TimeSpan.FromHours(1));
        Assert.That(_fired, Is.Zero);
        Assert.That(_time.Armed, Is.LessThan(50));
    }

    [Test]
    public void SendWatch_OneSendWithoutEnd_FiresAfterTheTimeout()
    {
        using var watch = new GrpcSendWatch(_time, TimeSpan.FromSeconds(60), () => _fired++);
        watch.Start();
        watch.Stop();
        _time.Advance(TimeSpan.FromSeconds(59));
        watch.Start();
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.That(_fired, Is.Zero);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(_fired, Is.EqualTo(1));
    }
}
