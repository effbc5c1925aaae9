using System.Text;
using SelfHeal.Core.Actions;
using SelfHeal.Core.Contracts;
using SelfHeal.Core.Control;
using SelfHeal.Core.Diagnosis;
using SelfHeal.Core.Narrative;
using SelfHeal.Core.Records;

namespace SelfHeal.UnitTests.Control;

[TestFixture]
internal sealed class ControlLoopTests
{
    private const int WarmUpFlushes = 6;

    [Test]
    public void Step_HealthyTraffic_OpensNoIncident()
    {
        var gateway = new GatewayModel { FailureRatio = static _ => 0.001 };

        gateway.RunUntil(static () => false, 500);

        Assert.That(gateway.Timeline, Is.Empty);
        Assert.That(gateway.Ledger, Is.Empty);
    }

    [Test]
    public void Step_BadCanary_IsRelievedWithinThreeFlushesAndResolved()
    {
        var gateway = BadCanary();

        var flushes = FlushesUntil(gateway, () => gateway.WeightOf(GatewayModel.Canary) == 0);

        Assert.That(flushes, Is.LessThanOrEqualTo(3));
        Assert.That(gateway.WeightOf(GatewayModel.Stable), Is.EqualTo(100));
        Assert.That(gateway.RunUntil(() => gateway.Phase == IncidentPhase.Resolved), Is.True);
        Assert.That(
            gateway.Ledger.Select(static r => r.Type),
            Is.EqualTo((RecordType[])[RecordType.Decision, RecordType.Executed, RecordType.Resolved]));
        Assert.That(gateway.WeightOf(GatewayModel.Canary), Is.Zero, "the change stays in force");
    }

    [Test]
    public void Step_BadCanary_AppendsTheDecisionBeforeItPushes()
    {
        var gateway = BadCanary();

        gateway.RunUntil(() => gateway.Phase == IncidentPhase.Resolved);

        var order = gateway.Effects.Where(static e => e is ControlEffect.AppendRecord or ControlEffect.ApplyOverlay);
        Assert.That(order.First(), Is.InstanceOf<ControlEffect.AppendRecord>());
        Assert.That(order.ElementAt(1), Is.InstanceOf<ControlEffect.ApplyOverlay>());
    }

    [Test]
    public void Step_BadCanaryAtRingZero_RecommendsAndChangesNothing()
    {
        var gateway = BadCanary(static options => WithPolicy(options, static policy => policy with
        {
            ServiceRings = policy.ServiceRings.Clear(),
        }));

        Assert.That(gateway.RunUntil(() => gateway.Phase == IncidentPhase.Recommended, 40), Is.True);
        Assert.That(gateway.Effects, Has.None.InstanceOf<ControlEffect.ApplyOverlay>());
        Assert.That(Shift(gateway.Ledger[0]).Refusals, Is.EqualTo((ReasonCode[])[ReasonCode.RingCeiling]));
        Assert.That(gateway.Effects, Has.One.InstanceOf<ControlEffect.Page>());
    }

    [Test]
    public void Step_EveryVersionFailsAlike_RecommendsAndSaysThatShiftingCannotHelp()
    {
        var gateway = Warm();
        gateway.FailureRatio = static _ => 0.3;

        Assert.That(gateway.RunUntil(() => gateway.Phase == IncidentPhase.Recommended, 40), Is.True);
        var record = gateway.Ledger.Single();
        Assert.That(record.Conclusion!.Hypotheses[0].Kind, Is.EqualTo(HypothesisKind.RegressionOfAllVersions));
        Assert.That(Shift(record).Refusals, Does.Contain(ReasonCode.SiblingsFailAlike));
        Assert.That(gateway.WeightOf(GatewayModel.Canary), Is.EqualTo(10));
    }

    [Test]
    public void Step_TheShiftDoesNotHelp_RollsBackAndDiagnosesAgainWithoutTheFalsifiedCause()
    {
        var gateway = Warm();
        gateway.FailureRatio = cluster => FollowsTheTraffic(gateway, cluster);

        Assert.That(gateway.RunUntil(() => gateway.Phase == IncidentPhase.Recommended, 80), Is.True);
        Assert.That(gateway.Ledger.Select(static r => r.Type), Is.EqualTo((RecordType[])
        [
            RecordType.Decision, RecordType.Executed, RecordType.Rollback, RecordType.RolledBack,
            RecordType.Recommendation,
        ]));
        Assert.That(gateway.WeightOf(GatewayModel.Canary), Is.EqualTo(10));
        var rolledBack = gateway.Ledger[3];
        Assert.That(rolledBack.Outcome!.HashEqual, Is.True);
        Assert.That(rolledBack.Outcome.Verdict, Is.EqualTo(ContractVerdict.Passed));
        var last = gateway.Ledger[4].Conclusion!;
        Assert.That(last.Falsified, Does.Contain(HypothesisKind.VersionRegression));
        Assert.That(last.Hypotheses[0].Kind, Is.Not.EqualTo(HypothesisKind.VersionRegression));
    }

    [Test]
    public void Step_TheLedgerRefuses_NothingIsPushedAndAHumanIsPaged()
    {
        var gateway = BadCanary();
        gateway.LedgerIsFull = true;

        gateway.RunUntil(static () => false, 20);

        Assert.That(gateway.Effects, Has.None.InstanceOf<ControlEffect.ApplyOverlay>());
        Assert.That(gateway.Effects, Has.Some.InstanceOf<ControlEffect.Page>());
        Assert.That(gateway.WeightOf(GatewayModel.Canary), Is.EqualTo(10));
    }

    [Test]
    public void Step_TheProxyRejectsTheRoute_WithdrawsBeforeAnythingElse()
    {
        var gateway = BadCanary();
        gateway.ProxyRejects = "weights are not to my taste";

        Assert.That(gateway.RunUntil(() => gateway.Phase == IncidentPhase.HandedOver, 20), Is.True);
        var after = gateway.Effects.SkipWhile(static e => e is not ControlEffect.ApplyOverlay).Skip(1)
            .First(static e => e is not ControlEffect.Report);
        Assert.That(after, Is.InstanceOf<ControlEffect.WithdrawOverlay>());
        Assert.That(gateway.Ledger[^1].Type, Is.EqualTo(RecordType.Rejected));
        Assert.That(gateway.Ledger[^1].Execution!.Rejection!.Reason, Is.EqualTo("weights are not to my taste"));
    }

    [Test]
    public void Step_TheProxyNeverAcknowledges_WithdrawsAfterTheTimeout()
    {
        var gateway = BadCanary();
        gateway.ProxyIsSilent = true;

        Assert.That(gateway.RunUntil(() => gateway.Phase == IncidentPhase.HandedOver, 20), Is.True);
        Assert.That(gateway.Ledger[^1].Type, Is.EqualTo(RecordType.Rejected));
        Assert.That(gateway.WeightOf(GatewayModel.Canary), Is.EqualTo(10));
    }

    [Test]
    public void Step_TheSourceChangesTheRoute_StandsDown()
    {
        var gateway = BadCanary();
        gateway.RunUntil(() => gateway.Phase == IncidentPhase.Verifying);

        gateway.Post(new ControlEvent.TopologyChanged(GatewayModel.TopologyWith(50, 50)));
        gateway.RunFlush();

        Assert.That(gateway.Ledger[^1].Type, Is.EqualTo(RecordType.StoodDown));
        Assert.That(gateway.Effects, Has.Some.InstanceOf<ControlEffect.WithdrawOverlay>());
    }

    [Test]
    public void Step_TooLittleTrafficToExcludeTheBadRatio_HoldsAndHandsOverAtTheDeadline()
    {
        var gateway = BadCanary(static options => WithPolicy(options, static policy => policy with
        {
            // One response in two thousand must be excluded: two minutes of this traffic cannot.
            Contract = policy.Contract with { BadRatioPpm = 500 },
        }));

        Assert.That(gateway.RunUntil(() => gateway.Phase == IncidentPhase.HandedOver), Is.True);
        Assert.That(gateway.Ledger[^1].Type, Is.EqualTo(RecordType.Inconclusive));
        Assert.That(gateway.WeightOf(GatewayModel.Canary), Is.Zero, "what is in force is held");
    }

    [Test]
    public void Step_StatsStopDuringVerification_NeverPassesAndHandsOverAtTheDeadline()
    {
        var gateway = BadCanary();
        gateway.RunUntil(() => gateway.Phase == IncidentPhase.Verifying);
        gateway.RunFlush();
        gateway.RunFlush();
        gateway.StatsAreSilent = true;

        Assert.That(gateway.RunUntil(() => gateway.Phase == IncidentPhase.HandedOver), Is.True);
        Assert.That(gateway.Ledger[^1].Type, Is.EqualTo(RecordType.Inconclusive));
        Assert.That(gateway.WeightOf(GatewayModel.Canary), Is.Zero, "what is in force is held");
    }

    [Test]
    public void Step_StatsStopWithAnOpenIncident_IsNoRecovery()
    {
        var gateway = Warm();
        gateway.FailureRatio = static _ => 0.3;
        gateway.RunUntil(() => gateway.Phase == IncidentPhase.Recommended, 40);
        gateway.StatsAreSilent = true;

        gateway.RunUntil(static () => false, 40);

        Assert.That(gateway.Phase, Is.EqualTo(IncidentPhase.Recommended));
        Assert.That(gateway.Ledger, Has.None.Matches<LedgerRecord>(static r => r.Type == RecordType.Recovered));
    }

    [Test]
    public void Step_TheBreachGoesAway_RecoversAfterMeasuredQuiet()
    {
        var gateway = Warm();
        gateway.FailureRatio = static _ => 0.3;
        gateway.RunUntil(() => gateway.Phase == IncidentPhase.Recommended, 40);
        gateway.FailureRatio = static _ => 0;

        Assert.That(gateway.RunUntil(() => gateway.Phase == IncidentPhase.Recovered, 40), Is.True);
        Assert.That(gateway.Ledger[^1].Type, Is.EqualTo(RecordType.Recovered));
    }

    [Test]
    public void Step_TheSourceChangesWhileTheDecisionIsBeingAppended_PushesNothing()
    {
        var gateway = BadCanary();
        gateway.OnAppend = record =>
        {
            if (record.Type == RecordType.Decision)
                gateway.Post(new ControlEvent.TopologyChanged(GatewayModel.TopologyWith(100, 0)));
        };

        gateway.RunUntil(() => gateway.Phase == IncidentPhase.HandedOver, 20);

        Assert.That(gateway.Effects, Has.None.InstanceOf<ControlEffect.ApplyOverlay>());
        Assert.That(gateway.Ledger[^1].Type, Is.EqualTo(RecordType.StoodDown));
    }

    [Test]
    public void Step_TheLedgerComesBack_ActsAfterTheRetry()
    {
        var gateway = BadCanary();
        gateway.LedgerIsFull = true;
        gateway.RunUntil(static () => false, 4);
        gateway.LedgerIsFull = false;

        Assert.That(gateway.RunUntil(() => gateway.Phase == IncidentPhase.Resolved, 60), Is.True);
        Assert.That(
            gateway.Ledger.Select(static r => r.Sequence), Is.EqualTo(Enumerable.Range(1, gateway.Ledger.Count)));
    }

    [Test]
    public void Step_TheLedgerRefusesTheRollback_HoldsAndHandsOver()
    {
        var gateway = Warm();
        gateway.FailureRatio = cluster => FollowsTheTraffic(gateway, cluster);
        gateway.RunUntil(() => gateway.Phase == IncidentPhase.Verifying, 40);
        gateway.LedgerIsFull = true;

        Assert.That(gateway.RunUntil(() => gateway.Phase == IncidentPhase.HandedOver, 40), Is.True);
        Assert.That(gateway.WeightOf(GatewayModel.Canary), Is.Zero, "no entry, no write");
    }

    [Test]
    public void Step_TheReceiverIsInBreachToo_Recommends()
    {
        var gateway = Warm();
        gateway.FailureRatio = static cluster => cluster == GatewayModel.Canary ? 0.6 : 0.1;

        Assert.That(gateway.RunUntil(() => gateway.Phase == IncidentPhase.Recommended, 40), Is.True);
        Assert.That(Shift(gateway.Ledger[0]).Refusals, Does.Contain(ReasonCode.ReceiverInBreach));
    }

    [Test]
    public void Restore_TheProxyIsAwayForLong_IsWaitedForAndNothingIsWithdrawn()
    {
        var before = BadCanary();
        before.RunUntil(() => before.Phase == IncidentPhase.Verifying);

        var after = new GatewayModel(ledger: before.Ledger, proxyIsConnected: false);
        after.FailureRatio = before.FailureRatio;
        after.RunUntil(static () => false, 6);
        after.ConnectProxy(holds: false);
        after.RunFlush();
        after.ConnectProxy(holds: true);

        Assert.That(after.RunUntil(() => after.Phase == IncidentPhase.Resolved), Is.True);
        Assert.That(after.Effects, Has.None.InstanceOf<ControlEffect.WithdrawOverlay>());
    }

    [Test]
    public void Restore_KilledDuringVerification_KeepsTheChangeInForceAndResumesTheContract()
    {
        var before = BadCanary();
        before.RunUntil(() => before.Phase == IncidentPhase.Verifying);

        var after = new GatewayModel(ledger: before.Ledger) { FailureRatio = before.FailureRatio };

        var weights = after.Loop.OverlaysInForce.Single().Weights.Select(static w => w.Weight);
        Assert.That(weights, Is.EqualTo((uint[])[100, 0]));
        Assert.That(after.RunUntil(() => after.Phase == IncidentPhase.Resolved), Is.True);
        Assert.That(
            after.Ledger.Skip(before.Ledger.Count).Select(static r => r.Type),
            Is.EqualTo((RecordType[])[RecordType.Resumed, RecordType.Resolved]));
    }

    [Test]
    public void Restore_KilledAtEveryEntry_NeverForgetsAndNeverUndoesSilently()
    {
        var before = Warm();
        before.FailureRatio = cluster => FollowsTheTraffic(before, cluster);
        before.RunUntil(() => before.Phase == IncidentPhase.Recommended, 80);

        for (var kept = 0; kept <= before.Ledger.Count; kept++)
        {
            var after = new GatewayModel(ledger: before.Ledger.Take(kept).ToList());
            var inForce = kept is 1 or 2;
            Assert.That(after.Loop.OverlaysInForce, Has.Count.EqualTo(inForce ? 1 : 0), $"after {kept} entries");
            after.FailureRatio = cluster => FollowsTheTraffic(after, cluster);
            var ended = after.RunUntil(() => after.Phase == IncidentPhase.Recommended, 120);
            Assert.That(ended, Is.True, $"after {kept} entries");
            Assert.That(
                after.Ledger.Select(static r => r.Sequence), Is.EqualTo(Enumerable.Range(1, after.Ledger.Count)));
        }
    }

    [Test]
    public void Records_SameRecording_AreByteIdentical()
    {
        var first = Run();
        var second = Run();

        Assert.That(second, Is.EqualTo(first));

        static string Run()
        {
            var gateway = BadCanary();
            gateway.RunUntil(() => gateway.Phase == IncidentPhase.Resolved);
            return string.Join('\n', gateway.Ledger.Select(static r => Encoding.UTF8.GetString(RecordJson.Write(r))));
        }
    }

    [Test]
    public void Records_EveryEntry_CarriesTheHashOfTheProseThatIsRenderedFromIt()
    {
        var gateway = Warm();
        gateway.FailureRatio = cluster => FollowsTheTraffic(gateway, cluster);
        gateway.RunUntil(() => gateway.Phase == IncidentPhase.Recommended, 80);

        for (var i = 0; i < gateway.Ledger.Count; i++)
        {
            List<LedgerRecord> upTo = [.. gateway.Ledger.Take(i), gateway.Ledger[i] with { Narrative = null }];
            Assert.That(NarrativeRenderer.Seal(upTo), Is.EqualTo(gateway.Ledger[i].Narrative));
        }
    }

    private static GatewayModel Warm(Func<ControlLoopOptions, ControlLoopOptions>? configure = null)
    {
        var gateway = new GatewayModel(configure: configure);
        gateway.RunUntil(static () => false, WarmUpFlushes);
        return gateway;
    }

    [TestCase("envoy-1", 3, true)]
    [TestCase("envoy-1", 0, false, TestName = "a proxy that is back is no evidence")]
    [TestCase(null, 0, false, TestName = "nothing drifted: nothing is said")]
    public void Step_ProxyDrifted_IsShownWithTheIncidentAndNotOtherwise(string? node, int resources, bool shown)
    {
        var gateway = BadCanary();
        if (node is not null)
        {
            gateway.Post(new ControlEvent.ProxyDrifted(node, 1, IsRejected: true));
            gateway.Post(new ControlEvent.ProxyDrifted(node, resources, IsRejected: true));
        }

        gateway.RunUntil(() => gateway.Ledger.Count > 0);

        var drift = gateway.Ledger[0].Evidence!.Value.Where(static e => e.Signal == Signal.ConfigurationDrift);
        Assert.That(
            drift.Select(Wording.Evidence),
            Is.EqualTo(shown ? ["selfheal.xds.proxies.drifted 1 in 12 flushes: breach"] : Array.Empty<string>()));
    }

    [Test]
    public void Step_DriftedProxyThatDisconnects_IsNoEvidence()
    {
        var gateway = BadCanary();
        gateway.Post(new ControlEvent.ProxyConnected("envoy-1"));
        gateway.Post(new ControlEvent.ProxyDrifted("envoy-1", 1, IsRejected: false));
        gateway.Post(new ControlEvent.ProxyDisconnected("envoy-1"));

        gateway.RunUntil(() => gateway.Ledger.Count > 0);

        Assert.That(
            gateway.Ledger[0].Evidence!.Value.Select(static e => e.Signal),
            Has.None.EqualTo(Signal.ConfigurationDrift));
    }

    private static GatewayModel BadCanary(Func<ControlLoopOptions, ControlLoopOptions>? configure = null)
    {
        var gateway = Warm(configure);
        gateway.FailureRatio = static cluster => cluster == GatewayModel.Canary ? 0.3 : 0;
        return gateway;
    }

    /// <summary>The failing work sits on the newest version that takes traffic.</summary>
    private static double FollowsTheTraffic(GatewayModel gateway, string cluster)
    {
        var newest = gateway.WeightOf(GatewayModel.Canary) > 0 ? GatewayModel.Canary : GatewayModel.Stable;
        return cluster == newest ? 0.3 : 0;
    }

    private static int FlushesUntil(GatewayModel gateway, Func<bool> done)
    {
        var flushes = 0;
        while (!done() && flushes < 100)
        {
            gateway.RunFlush();
            flushes++;
        }

        return flushes;
    }

    private static AlternativeBlock Shift(LedgerRecord record) =>
        record.Alternatives!.Value.Single(static a => a.Action == ActionKind.ShiftTrafficWeights);

    private static ControlLoopOptions WithPolicy(
        ControlLoopOptions options, Func<Core.Rings.RemediationPolicy, Core.Rings.RemediationPolicy> change) => new()
        {
            Instance = options.Instance,
            SoftwareVersion = options.SoftwareVersion,
            Policy = change(options.Policy),
            Telemetry = options.Telemetry,
            Detection = options.Detection,
        };
}
