using SelfHeal.Core.Time;
using SelfHeal.Core.Upstream;

namespace SelfHeal.UnitTests.Upstream;

[TestFixture]
public sealed class UpstreamWindowTests
{
    private static readonly ControlTime Start = new(1_000, new DateTimeOffset(2026, 4, 12, 3, 0, 0, TimeSpan.Zero));

    private UpstreamWindow _window = new();

    [SetUp]
    public void StartEmpty() => _window = new UpstreamWindow();

    [Test]
    public void Around_NoReport_IsNothing() => Assert.That(_window.Around(Start, Start), Is.Null);

    [Test]
    public void Around_ReportsFromTenMinutesBeforeTheOnset_AddsThemUpByType()
    {
        _window.OnReport(Report(("cds", 100)), At(0));
        _window.OnReport(Report(("lds", 1), ("cds", 2)), At(1));
        _window.OnReport(Report(("cds", 3)), At(12));

        var trouble = _window.Around(onset: At(11), now: At(13));

        Assert.That(trouble!.Rejects, Is.EqualTo((RejectCount[])[new("cds", 5), new("lds", 1)]));
        Assert.That(trouble.Window, Is.EqualTo(TimeSpan.FromMinutes(12)));
        Assert.That(trouble.Age, Is.EqualTo(TimeSpan.FromMinutes(1)));
        Assert.That((trouble.PushErrors, trouble.InternalErrors, trouble.Timeouts), Is.EqualTo((2L, 4L, 6L)));
    }

    [Test]
    public void Around_FirstReportIsYounger_TheWindowBeginsWithIt()
    {
        _window.OnReport(Report(), At(5));

        Assert.That(_window.Around(At(6), At(7))!.Window, Is.EqualTo(TimeSpan.FromMinutes(2)));
    }

    [Test]
    public void Around_UpstreamIsAway_SaysSoAndKeepsWhatItSaid()
    {
        _window.OnReport(Report(("cds", 1)), At(0));
        _window.OnReport(UpstreamReport.Without(UpstreamAnswer.Unreachable), At(1));

        var trouble = _window.Around(At(1), At(1));

        Assert.That(trouble!.Newest, Is.EqualTo(UpstreamAnswer.Unreachable));
        Assert.That(trouble.Rejects, Has.Length.EqualTo(1));
    }

    [Test]
    public void OnReport_QuietReports_AreNotKept()
    {
        for (var i = 0; i < 100; i++)
            _window.OnReport(UpstreamReport.Without(UpstreamAnswer.Read), At(i));

        Assert.That(_window.Count, Is.Zero);
    }

    [Test]
    public void OnReport_TroubleEverySecondForADay_KeepsABoundedNumber()
    {
        for (var second = 0; second < 24 * 3_600; second++)
            _window.OnReport(Report(("cds", 1)), Start.Plus(TimeSpan.FromSeconds(second)));
        Assert.That(_window.Count, Is.LessThanOrEqualTo(4_201));

        for (var i = 0; i < 10_000; i++)
            _window.OnReport(Report(("cds", 1)), Start.Plus(TimeSpan.FromDays(1)));
        Assert.That(_window.Count, Is.EqualTo(4_200));

        _window.OnReport(Report(), Start.Plus(TimeSpan.FromDays(2)));
        Assert.That(_window.Count, Is.EqualTo(1), "what is older than an hour is gone");
    }

    private static ControlTime At(int minutes) => Start.Plus(TimeSpan.FromMinutes(minutes));

    private static UpstreamReport Report(params (string Type, long Count)[] rejects) => new(
        UpstreamAnswer.Read,
        10_000,
        [.. rejects.Select(static r => new RejectCount(r.Type, r.Count))],
        PushErrors: 1,
        InternalErrors: 2,
        Timeouts: 3,
        Pushes: 0,
        Converged: 0,
        ConvergenceP99Millis: null,
        ConnectedProxies: 1);
}
