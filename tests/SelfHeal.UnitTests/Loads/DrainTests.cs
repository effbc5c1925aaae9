using SelfHeal.Core.Loads;
using static SelfHeal.UnitTests.Loads.LoadScenario;

namespace SelfHeal.UnitTests.Loads;

/// <summary>When reports prove that an endpoint has no request left, and when they do not.</summary>
internal sealed class DrainTests
{
    private LoadScenario _loads = null!; // Set before each test.

    [SetUp]
    public void SetUp() => _loads = new LoadScenario();

    [Test]
    public void Ask_EveryProxyReportedNothing_IsDrained()
    {
        _loads.Open(1, "a");
        _loads.Open(2, "b");
        _loads.Report(1, Of(Cluster));
        _loads.ReportNow(2, Of(Cluster, At(Here, ("10.0.0.2:80", 7, 3))));

        var evidence = _loads.Ask();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(evidence.Verdict, Is.EqualTo(DrainVerdict.Drained));
            Assert.That(evidence.Gaps, Is.Empty);
            Assert.That(evidence.InProgress, Is.Zero);
            Assert.That(
                evidence.Proxies.Select(static p => (p.Node, p.State)),
                Is.EqualTo(new[] { ("a", ProxyDrainState.Idle), ("b", ProxyDrainState.Idle) }));
        }
    }

    [Test]
    public void Ask_RequestsUnderWay_AreSummedOverProxiesLocalitiesAndPriorities()
    {
        _loads.Open(1, "a");
        _loads.Open(2, "b");
        _loads.Report(1, Of(Cluster, At(Here, (Endpoint, 0, 3)), At(Here, (Endpoint, 0, 4)) with { Priority = 1 }));
        _loads.ReportNow(2, Of(Cluster, At(There, (Endpoint, 0, 5))));

        var evidence = _loads.Ask();

        Assert.That((evidence.Verdict, evidence.InProgress), Is.EqualTo((DrainVerdict.Busy, 12L)));
    }

    [Test]
    public void Ask_RequestsIssuedButNoneUnderWay_IsBusy()
    {
        _loads.Open(1, "a");
        _loads.Report(1, Of(Cluster, At(Here, (Endpoint, 9, 0))));
        Assert.That(_loads.Ask().Verdict, Is.EqualTo(DrainVerdict.Busy), "it still gets requests");

        _loads.Report(1, Of(Cluster, At(Here, ("10.0.0.2:80", 9, 0))));
        Assert.That(_loads.Ask().Verdict, Is.EqualTo(DrainVerdict.Drained));
    }

    [Test]
    public void Ask_LastReportTooOld_IsNoEvidence()
    {
        _loads.Open(1, "a");
        _loads.Report(1, Of(Cluster));
        _loads.Pass(Interval * 2);
        Assert.That(_loads.Ask().Verdict, Is.EqualTo(DrainVerdict.Drained), "at the bound");

        _loads.Pass(TimeSpan.FromMilliseconds(1));

        Expect(ProxyDrainState.Stale, DrainGap.ProxyUnknown);
    }

    [Test]
    public void Ask_ConnectedProxyThatDoesNotReport_IsNoEvidence()
    {
        _loads.Open(1, "a");
        _loads.Report(1, Of(Cluster));
        _loads.Table.OnProxyConnected("b");

        var evidence = _loads.Ask();

        Assert.That(evidence.Verdict, Is.EqualTo(DrainVerdict.NoEvidence));
        Assert.That(_loads.StateOf("b"), Is.EqualTo(ProxyDrainState.Silent));
    }

    [Test]
    public void Ask_StreamWithoutAReport_IsNoEvidence()
    {
        _loads.Open(1, "a");

        Expect(ProxyDrainState.Silent, DrainGap.ProxyUnknown);
    }

    [Test]
    public void Ask_NoProxy_IsNoEvidence() =>
        Assert.That(_loads.Ask().Gaps, Is.EqualTo(new[] { DrainGap.NoProxy }));

    [Test]
    public void Ask_EndpointTakenOutOfTheAssignment_IsNoEvidence()
    {
        _loads.Open(1, "a");
        _loads.Report(1, Of(Cluster));

        var evidence = _loads.Ask(isAssigned: false);

        Assert.That(evidence.Verdict, Is.EqualTo(DrainVerdict.NoEvidence));
        Assert.That(evidence.Gaps, Is.EqualTo(new[] { DrainGap.NotAssigned }));
    }

    [Test]
    public void Ask_ProcessJustStarted_IsNoEvidenceUntilProxiesHadTimeToComeBack()
    {
        var table = new LoadTable(_loads.Options, _loads.Now);
        var start = _loads.Now;
        table.OnStreamOpened(1, "a", LoadAbsence.NothingUnderWay, start);
        table.OnReport(new LoadReport(1, 1, [Of(Cluster)]), start);
        var question = new DrainQuestion(Cluster, Endpoint, true, null, TimeSpan.FromHours(1));
        var late = start.Plus(_loads.Options.DepartureGrace);

        Assert.That(
            table.Ask(question, late.Plus(TimeSpan.FromTicks(-1))).Gaps, Is.EqualTo(new[] { DrainGap.JustStarted }));
        Assert.That(table.Ask(question, late).Verdict, Is.EqualTo(DrainVerdict.Drained));
    }

    [Test]
    public void Ask_ProxyWentAway_IsNoEvidenceUntilItsGraceIsOver()
    {
        _loads.Open(1, "a");
        _loads.Open(2, "b");
        _loads.Report(2, Of(Cluster, At(Here, (Endpoint, 0, 4))));
        _loads.Close(2);
        for (var passed = TimeSpan.Zero; passed < _loads.Options.DepartureGrace; passed += Interval)
        {
            _loads.Report(1, Of(Cluster));
            Assert.That(_loads.StateOf("b"), Is.EqualTo(ProxyDrainState.Departed));
            Assert.That(_loads.Ask().Verdict, Is.EqualTo(DrainVerdict.NoEvidence));
        }

        _loads.Report(1, Of(Cluster));

        Assert.That(_loads.Ask().Verdict, Is.EqualTo(DrainVerdict.Drained));
    }

    [Test]
    public void Ask_ProxyCameBack_IsNoLongerDeparted()
    {
        _loads.Open(1, "a");
        _loads.Close(1);
        _loads.Open(2, "a");
        _loads.Report(2, Of(Cluster));

        Assert.That(_loads.Ask().Verdict, Is.EqualTo(DrainVerdict.Drained));
    }

    [Test]
    public void Ask_XdsStreamEndsButReportsGoOn_IsStillConnected()
    {
        _loads.Table.OnProxyConnected("a");
        _loads.Open(1, "a");
        _loads.Table.OnProxyDisconnected("a", _loads.Now);
        _loads.Report(1, Of(Cluster));

        Assert.That(_loads.Ask().Verdict, Is.EqualTo(DrainVerdict.Drained));
        _loads.Close(1);
        Assert.That(_loads.StateOf("a"), Is.EqualTo(ProxyDrainState.Departed));
    }

    [Test]
    public void Ask_ProxyThatNeverNamesTheCluster_DoesNotHaveItFromTheSecondReportOn()
    {
        _loads.Open(1, "a");
        _loads.Report(1, Of(Cluster));
        _loads.Open(2, "b");
        _loads.Report(2, Of("other"));
        Assert.That(_loads.StateOf("b"), Is.EqualTo(ProxyDrainState.Silent), "Envoy is one report late");

        _loads.Report(2, Of("other"));

        Assert.That(_loads.StateOf("b"), Is.EqualTo(ProxyDrainState.WithoutCluster));
        Assert.That(_loads.Ask().Verdict, Is.EqualTo(DrainVerdict.Drained));
    }

    [Test]
    public void Ask_LostReportBetweenTwoThatDoNotNameTheCluster_ProvesNothing()
    {
        _loads.Open(2, "b");
        _loads.Report(2, Of("other"));
        _loads.Lose(2);
        _loads.Report(2, Of("other"));

        Expect(ProxyDrainState.Silent, DrainGap.ProxyUnknown);
        Assert.That(_loads.Table.Counters.LostReports, Is.EqualTo(1));
    }

    [Test]
    public void Ask_NoProxyHasTheCluster_IsNoEvidence()
    {
        _loads.Open(1, "a");
        _loads.Report(1);
        _loads.Report(1);

        Expect(ProxyDrainState.WithoutCluster, DrainGap.ClusterUnknown);
    }

    [Test]
    public void Ask_ClusterVanishedFromTheReports_IsNoEvidence()
    {
        _loads.Open(1, "a");
        _loads.Report(1, Of(Cluster, At(Here, (Endpoint, 0, 4))));
        _loads.Report(1);

        Expect(ProxyDrainState.ClusterGone, DrainGap.ProxyUnknown);
    }

    [Test]
    public void Ask_PeriodBeganBeforeTheDrain_IsNoEvidence()
    {
        _loads.Open(1, "a");
        _loads.Report(1, Of(Cluster));
        var since = _loads.Now.Plus(TimeSpan.FromMilliseconds(1));
        _loads.Report(1, Of(Cluster));
        Assert.That(_loads.Ask(since: since).Proxies.Single().State, Is.EqualTo(ProxyDrainState.Early));

        _loads.Report(1, Of(Cluster));

        Assert.That(_loads.Ask(since: since).Verdict, Is.EqualTo(DrainVerdict.Drained));
    }

    [Test]
    public void Ask_ReportThatDoesNotSayItsPeriod_IsNoEvidenceAfterADrain()
    {
        var since = _loads.Now;
        _loads.Open(1, "a");
        _loads.Report(1, Of(Cluster) with { Interval = TimeSpan.Zero });

        Assert.That(_loads.Ask(since: since).Proxies.Single().State, Is.EqualTo(ProxyDrainState.Early));
        Assert.That(_loads.Ask().Verdict, Is.EqualTo(DrainVerdict.Drained), "without a drain to wait for");
    }

    [Test]
    public void Ask_LocalityWithoutEndpoints_IsNoEvidence()
    {
        _loads.Open(1, "a");
        _loads.Report(1, Of(Cluster, At(Here, (Endpoint, 0, 4)) with { Endpoints = [] }));

        Expect(ProxyDrainState.Unattributed, DrainGap.ProxyUnknown);
    }

    [Test]
    public void Ask_OlderStreamOfTheSameNodeStillReports_CountsToo()
    {
        _loads.Open(1, "a");
        _loads.Report(1, Of(Cluster, At(Here, (Endpoint, 0, 4))));
        _loads.Open(2, "a");
        _loads.ReportNow(2, Of(Cluster));
        Assert.That(_loads.Ask().Verdict, Is.EqualTo(DrainVerdict.Busy), "two proxies under one name");

        _loads.Pass(Interval * 3);
        _loads.ReportNow(2, Of(Cluster));

        Assert.That(_loads.Ask().Verdict, Is.EqualTo(DrainVerdict.Drained), "the old one was a dead connection");
    }

    private void Expect(ProxyDrainState state, DrainGap gap)
    {
        var evidence = _loads.Ask();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(evidence.Verdict, Is.EqualTo(DrainVerdict.NoEvidence));
            Assert.That(evidence.Gaps, Is.EqualTo(new[] { gap }));
            Assert.That(evidence.Proxies.Single().State, Is.EqualTo(state));
        }
    }
}
