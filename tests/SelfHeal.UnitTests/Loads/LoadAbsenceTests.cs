using SelfHeal.Core.Loads;
using static SelfHeal.UnitTests.Loads.LoadScenario;

namespace SelfHeal.UnitTests.Loads;

/// <summary>
/// A proxy that leaves out localities to which nothing was issued, even while requests are under way there (Envoy 1.34
/// to 1.36, and clients that are not known).
/// </summary>
internal sealed class LoadAbsenceTests
{
    private LoadScenario _loads = null!; // Set before each test.

    [SetUp]
    public void SetUp()
    {
        _loads = new LoadScenario();
        _loads.Open(1, "old", LoadAbsence.NothingIssued);
    }

    [Test]
    public void Ask_EndpointNeverSeen_IsNotKnown()
    {
        _loads.Report(1, Of(Cluster));

        Assert.That(_loads.StateOf("old"), Is.EqualTo(ProxyDrainState.Unreported));
    }

    [Test]
    public void Ask_LocalityLeftOutWhileRequestsWereUnderWay_IsNotKnownAndAtMostWhatItWas()
    {
        _loads.Report(1, Of(Cluster, At(Here, (Endpoint, 5, 4))));
        Assert.That(_loads.StateOf("old"), Is.EqualTo(ProxyDrainState.Busy));

        _loads.Report(1, Of(Cluster, At(There, ("10.0.0.9:80", 5, 0))));

        var proxy = _loads.Ask().Proxies.Single();
        Assert.That((proxy.State, proxy.InProgress), Is.EqualTo((ProxyDrainState.Unreported, 4L)));
        Assert.That(_loads.Ask().Verdict, Is.EqualTo(DrainVerdict.NoEvidence));
    }

    [Test]
    public void Ask_LocalityReportedWithoutTheEndpoint_IsIdle()
    {
        _loads.Report(1, Of(Cluster, At(Here, (Endpoint, 5, 4))));
        _loads.Report(1, Of(Cluster));
        _loads.Report(1, Of(Cluster, At(Here, ("10.0.0.2:80", 5, 0))));

        Assert.That(_loads.Ask().Verdict, Is.EqualTo(DrainVerdict.Drained));
    }

    [Test]
    public void Ask_NothingUnderWayAndThenLeftOut_IsIdle()
    {
        _loads.Report(1, Of(Cluster, At(Here, (Endpoint, 5, 0))));
        _loads.Report(1, Of(Cluster));

        Assert.That(_loads.Ask().Verdict, Is.EqualTo(DrainVerdict.Drained), "nothing was added to nothing");
    }

    [Test]
    public void Ask_ReportLostBeforeTheLocalityIsLeftOut_IsNotKnown()
    {
        _loads.Report(1, Of(Cluster, At(Here, (Endpoint, 5, 0))));
        _loads.Lose(1);
        _loads.Report(1, Of(Cluster));
        Assert.That(_loads.StateOf("old"), Is.EqualTo(ProxyDrainState.Unreported));

        _loads.Report(1, Of(Cluster, At(Here, ("10.0.0.2:80", 5, 0))));

        Assert.That(_loads.Ask().Verdict, Is.EqualTo(DrainVerdict.Drained));
    }

    [Test]
    public void Ask_LocalityThatDidNotSayWhereIsLeftOut_StaysUnattributed()
    {
        _loads.Report(1, Of(Cluster, At(Here, (Endpoint, 1, 0)), At(There, ("x", 1, 2)) with { Endpoints = [] }));
        _loads.Report(1, Of(Cluster));
        Assert.That(_loads.StateOf("old"), Is.EqualTo(ProxyDrainState.Unattributed));

        _loads.Report(1, Of(Cluster, At(There, ("x", 1, 0))));

        Assert.That(_loads.Ask().Verdict, Is.EqualTo(DrainVerdict.Drained));
    }

    [Test]
    public void Rows_EndpointsThatComeAndGo_AreForgottenAfterAnHourOfReports()
    {
        for (var i = 0; i < 2_000; i++)
            _loads.Report(1, Of(Cluster, At(Here, ($"10.0.{i / 256}.{i % 256}:80", 1, 1))));

        Assert.That(_loads.Table.Rows, Is.LessThan(800));
    }
}
