using SelfHeal.Core.Actions;
using SelfHeal.Core.Control;
using SelfHeal.Core.Narrative;
using SelfHeal.Core.Records;
using SelfHeal.Core.Topology;

namespace SelfHeal.UnitTests.Control;

/// <summary>A bad canary about which nothing may be done by itself, and the words for it.</summary>
[TestFixture]
internal sealed class UnwritableServiceTests
{
    private const int WarmUpFlushes = 6;

    private static readonly GatewayTopology Blind = GatewayModel.TopologyWith(90, 10) with
    {
        Grpc = [new GrpcCluster(GatewayModel.Canary, GrpcSign.RouteMatch, HasGrpcStats: false, ["edge"])],
    };

    [Test]
    public void Step_BadCanaryOfABlindService_RecommendsAtCeilingZeroAndSaysWhy()
    {
        var gateway = BadCanary(Blind);

        Assert.That(gateway.RunUntil(() => gateway.Phase == IncidentPhase.Recommended, 40), Is.True);
        var record = gateway.Ledger.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(gateway.Effects, Has.None.InstanceOf<ControlEffect.ApplyOverlay>());
            Assert.That(Shift(record).Refusals, Is.EqualTo((ReasonCode[])[ReasonCode.BlindGrpc]));
            Assert.That(record.Authority.RingCeiling, Is.Zero);
            Assert.That(record.Outcome!.Reason, Does.Contain("no grpc_stats filter"));
            Assert.That(NarrativeRenderer.Render([record]).Text, Does.Contain(Wording.Reason(ReasonCode.BlindGrpc)));
            Assert.That(
                gateway.Effects.OfType<ControlEffect.Page>().Single().Text, Does.Contain("no grpc_stats filter"));
        }
    }

    [Test]
    public void Step_BlindByConfigurationButCounted_IsRelieved()
    {
        var gateway = BadCanary(Blind, countsGrpc: true);

        Assert.That(gateway.RunUntil(() => gateway.WeightOf(GatewayModel.Canary) == 0, 40), Is.True);
        Assert.That(gateway.Ledger[0].Authority.RingCeiling, Is.EqualTo(1));
    }

    [Test]
    public void Step_VersionsWithoutASplitOfRds_AreOneServiceAndNothingIsWritten()
    {
        var split = GatewayModel.TopologyWith(90, 10).Splits[0];
        var elsewhere = new GatewayTopology([], [GatewayModel.Stable, GatewayModel.Canary])
        {
            Sets = [new VersionSet("payments", VersionSetOrigin.InlineRoute, "listener edge", split.Versions)],
        };
        var gateway = BadCanary(elsewhere);

        Assert.That(gateway.RunUntil(() => gateway.Phase == IncidentPhase.Recommended, 40), Is.True);
        Assert.That(gateway.Effects, Has.None.InstanceOf<ControlEffect.ApplyOverlay>());
        var record = gateway.Ledger[0];
        Assert.That(record.Service, Is.EqualTo("payments"));
        Assert.That(Shift(record).Refusals, Does.Contain(ReasonCode.NoWritableSplit));
        Assert.That(record.Conclusion!.Cause, Is.EqualTo("regression in version v2 of payments"));
    }

    private static GatewayModel BadCanary(GatewayTopology topology, bool countsGrpc = false)
    {
        var gateway = new GatewayModel { CountsGrpc = countsGrpc };
        gateway.Post(new ControlEvent.TopologyChanged(topology));
        gateway.RunUntil(static () => false, WarmUpFlushes);
        gateway.FailureRatio = static cluster => cluster == GatewayModel.Canary ? 0.3 : 0;
        return gateway;
    }

    private static AlternativeBlock Shift(LedgerRecord record) =>
        record.Alternatives!.Value.Single(static a => a.Action == ActionKind.ShiftTrafficWeights);
}
