using SelfHeal.Core.Time;
using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Accepted;

internal sealed class VerifiedRulesTests
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);
    private static readonly ValidatedSnapshot One = Snapshot(Service("a"));
    private static readonly ValidatedSnapshot Two = Snapshot(Service("a", 2));

    private VerifiedRules _rules = null!; // Set before each test.
    private ControlTime _now;
    private VerifiedEvidence _seen = null!; // Set before each test.
    private bool _flows;

    [SetUp]
    public void Begin()
    {
        _rules = new VerifiedRules(new VerifiedOptions());
        _now = new ControlTime(1_000, DateTimeOffset.FromUnixTimeSeconds(1_790_000_000));
        _flows = true;
        _seen = new VerifiedEvidence
        {
            Served = One,
            Streams = 2,
            IsAcknowledged = true,
            IsRejected = false,
            Requests = 5_000,
            Restarts = 3,
        };
    }

    [Test]
    public void Look_AcknowledgedSoakedAndUsed_IsVerifiedAtTheEndOfTheSoakAndNotBefore()
    {
        Run(TimeSpan.FromMinutes(10) - Step);
        var before = _rules.Verified(_now);
        Run(Step + Step);

        Assert.That(before, Is.Null);
        Assert.That(_rules.Verified(_now)?.Snapshot, Is.SameAs(One));
        Assert.That(_rules.Phase, Is.EqualTo(VerifiedPhase.Verified));
    }

    [Test]
    public void Look_LongFailureLatency_SoaksThreeTimesIt()
    {
        _rules = new VerifiedRules(new VerifiedOptions { FailureLatency = TimeSpan.FromMinutes(6) });

        Run(TimeSpan.FromMinutes(18) - Step);
        var before = _rules.Verified(_now);
        Run(Step + Step);

        Assert.That(before, Is.Null);
        Assert.That(_rules.Verified(_now), Is.Not.Null);
    }

    [Test]
    public void Look_NoTraffic_IsNotVerifiedUntilRequestsFlow()
    {
        _flows = false;
        Run(TimeSpan.FromHours(5));
        var phase = _rules.Phase;
        _seen = _seen with { Requests = _seen.Requests + 99 };
        Look();
        var almost = _rules.Verified(_now);
        _seen = _seen with { Requests = _seen.Requests + 1 };
        Look();

        Assert.That(phase, Is.EqualTo(VerifiedPhase.AwaitingTraffic));
        Assert.That(almost, Is.Null);
        Assert.That(_rules.Verified(_now), Is.Not.Null);
    }

    [Test]
    public void Look_TrafficUnknown_IsNeverVerified()
    {
        _flows = false;
        _seen = _seen with { Requests = null };

        Run(TimeSpan.FromHours(5));

        Assert.That(_rules.Verified(_now), Is.Null);
    }

    private static IEnumerable<TestCaseData> Disturbances()
    {
        yield return Case("another content", static seen => seen with { Served = Two });
        yield return Case("nothing served", static seen => seen with { Served = null });
        yield return Case("nobody connected", static seen => seen with { Streams = 0 });
        yield return Case("a rejection", static seen => seen with { IsRejected = true });
        yield return Case("a crash", static seen => seen with { Restarts = seen.Restarts + 1 });

        static TestCaseData Case(string name, Func<VerifiedEvidence, VerifiedEvidence> disturb) =>
            new TestCaseData(disturb).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Disturbances))]
    public void Look_DisturbedDuringTheSoak_BeginsAgain(Func<VerifiedEvidence, VerifiedEvidence> disturb)
    {
        ArgumentNullException.ThrowIfNull(disturb);
        Run(TimeSpan.FromMinutes(9));
        var (before, restarts) = (_seen, disturb(_seen).Restarts);
        _seen = disturb(_seen);
        Look();
        _seen = before with { Requests = _seen.Requests, Restarts = restarts };

        Run(TimeSpan.FromMinutes(10) - Step);
        var tooEarly = _rules.Verified(_now);
        Run(Step + Step + Step);

        Assert.That(tooEarly, Is.Null);
        Assert.That(_rules.Verified(_now)?.Snapshot, Is.SameAs(One));
    }

    [Test]
    public void Look_ProxyThatHasJustCome_HoldsThePromotionAndNotTheSoak()
    {
        Run(TimeSpan.FromMinutes(9));
        _seen = _seen with { IsAcknowledged = false };
        Run(TimeSpan.FromMinutes(2));
        var phase = _rules.Phase;
        _seen = _seen with { IsAcknowledged = true };
        Look();

        Assert.That(phase, Is.EqualTo(VerifiedPhase.AwaitingAck));
        Assert.That(_rules.Verified(_now), Is.Not.Null);
    }

    [Test]
    public void Look_BadRolloutAfterwards_KeepsTheLastKnownGood()
    {
        Run(TimeSpan.FromMinutes(11));
        _seen = _seen with { Served = Two, IsRejected = true };

        Run(TimeSpan.FromDays(2));

        Assert.That(_rules.Verified(_now)?.Snapshot, Is.SameAs(One));
    }

    [Test]
    public void Verified_OlderThanTheBound_IsNone()
    {
        Run(TimeSpan.FromMinutes(11));
        Look();
        var confirmed = _now;

        Assert.That(_rules.Verified(confirmed.Plus(TimeSpan.FromDays(7))), Is.Not.Null);
        Assert.That(_rules.Verified(confirmed.Plus(TimeSpan.FromDays(7) + Step)), Is.Null);
    }

    [Test]
    public void Look_StillServedAndWorking_StaysYoungAndKeepsItsBeginning()
    {
        Run(TimeSpan.FromMinutes(11));
        var since = _rules.Verified(_now)?.Since;

        Run(TimeSpan.FromHours(2));
        Look();

        var later = _rules.Verified(_now);
        Assert.That(later?.Since, Is.EqualTo(since));
        Assert.That(later?.ConfirmedAt, Is.EqualTo(_now.Wall));
    }

    [Test]
    public void Restore_CountsTheAgeBetweenProcessesByTheWallClock()
    {
        var verified = new VerifiedSnapshot(One, _now.Wall, _now.Wall);
        var sixDays = _now.Wall.AddDays(6);
        _now = new ControlTime(5, sixDays);

        _rules.Restore(verified, _now);

        Assert.That(_rules.Verified(_now)?.Snapshot, Is.SameAs(One));
        Assert.That(_rules.Verified(_now.Plus(TimeSpan.FromDays(1) + Step)), Is.Null);
    }

    [Test]
    public void Restore_WallClockWasPutBack_IsNotYoungerThanNow()
    {
        _rules.Restore(new VerifiedSnapshot(One, _now.Wall, _now.Wall.AddDays(30)), _now);

        Assert.That(_rules.Verified(_now.Plus(TimeSpan.FromDays(7))), Is.Not.Null);
        Assert.That(_rules.Verified(_now.Plus(TimeSpan.FromDays(7) + Step)), Is.Null);
    }

    private void Run(TimeSpan duration)
    {
        for (var end = _now.Plus(duration); _now.Since(end) < TimeSpan.Zero;)
        {
            Look();
            _now = _now.Plus(Step);
            if (_flows)
                _seen = _seen with { Requests = _seen.Requests + 50 };
        }
    }

    private void Look() => _rules.Look(_now, _seen);
}
