using System.Text;
using SelfHeal.Core.Control;
using SelfHeal.Core.Diagnosis;
using SelfHeal.Core.Narrative;
using SelfHeal.Core.Records;
using SelfHeal.Core.Upstream;
using SelfHeal.UnitTests.Control;

namespace SelfHeal.UnitTests.Upstream;

/// <summary>What an incident's evidence says of the upstream, and what that changes.</summary>
[TestFixture]
internal sealed class UpstreamEvidenceTests
{
    private static readonly UpstreamReport Quiet = UpstreamReport.Without(UpstreamAnswer.Read) with
    {
        SpanMillis = 10_000,
        Pushes = 20,
        Converged = 10,
        ConvergenceP99Millis = 500,
        ConnectedProxies = 3,
    };

    private static IEnumerable<TestCaseData> Reports =>
    [
        Case("no report at all", [], []),
        Case("a report without trouble", [Quiet], []),
        Case("one type", [With(("cds", 2)), With(("cds", 1))],
            ["pilot_total_xds_rejects{type=\"cds\"} 3 in 25 s: breach"]),
        Case("several types", [With(("lds", 2), ("cds", 1))],
            ["pilot_total_xds_rejects{type=~\"cds|lds\"} 3 in 25 s: breach"]),
        Case("an upstream that names no type", [With(("", 2))], ["pilot_total_xds_rejects 2 in 25 s: breach"]),
        Case("pushes that failed", [Quiet with { PushErrors = 1, Timeouts = 2 }],
            ["pilot_xds_pushes{type=~\".+err\"} + pilot_xds_write_timeout 3 in 25 s: breach"]),
        Case("errors within it", [Quiet with { InternalErrors = 4 }],
            ["pilot_total_xds_internal_errors 4 in 25 s: breach"]),
        Case("it is away", [UpstreamReport.Without(UpstreamAnswer.Unreachable)],
            ["pilot_total_xds_rejects 0 in 25 s: no evidence"]),
        Case("it is away after it rejected", [With(("cds", 2)), UpstreamReport.Without(UpstreamAnswer.Unreadable)],
            ["pilot_total_xds_rejects{type=\"cds\"} 2 in 25 s: breach"]),
    ];

    [TestCaseSource(nameof(Reports))]
    public string[] Step_UpstreamReported_IsShownWithTheIncident(UpstreamReport[] reports)
    {
        var items = Opening(reports).Evidence!.Value.Where(static e =>
            e.Signal is Signal.UpstreamRejections or Signal.UpstreamPushFailures);

        Assert.That(items.Select(static e => e.Group), Is.All.EqualTo(EvidenceGroup.Configuration));
        return [.. items.Select(Wording.Evidence)];
    }

    [Test]
    public void Step_UpstreamIsQuietOrAway_DecidesToTheByteAsWithout()
    {
        var without = Conclusion([]);

        Assert.That(Conclusion([Quiet]), Is.EqualTo(without));
        Assert.That(Ledger([Quiet, Quiet]), Is.EqualTo(Ledger([])), "nothing is written of what says nothing");
        Assert.That(Conclusion([UpstreamReport.Without(UpstreamAnswer.Unreachable)]), Is.EqualTo(without));
    }

    [Test]
    public void Step_UpstreamHasTrouble_SpeaksForConfigurationAndNoMoreThanItIsWorth()
    {
        var without = Hypothesis([]);
        var rejected = Hypothesis([With(("cds", 5))]);
        var both = Hypothesis([With(("cds", 5)) with { PushErrors = 5 }]);

        Assert.That(rejected.TotalDecibans - without.TotalDecibans, Is.EqualTo(4));
        Assert.That(both.TotalDecibans - without.TotalDecibans, Is.EqualTo(8));
        Assert.That(
            Opening([With(("cds", 5)) with { PushErrors = 5 }]).Conclusion!.Hypotheses[0].Kind,
            Is.EqualTo(HypothesisKind.VersionRegression),
            "it speaks of every proxy and outweighs no version that fails where its siblings do not");
    }

    [Test]
    public void Step_RejectionLongBeforeTheOnset_IsNoEvidence()
    {
        var gateway = new GatewayModel();
        gateway.Post(new ControlEvent.UpstreamReported(With(("cds", 5))));
        gateway.RunUntil(static () => false, 126); // Ten and a half minutes.
        gateway.FailureRatio = static cluster => cluster == GatewayModel.Canary ? 0.3 : 0;
        gateway.RunUntil(() => gateway.Ledger.Count > 0);

        Assert.That(
            gateway.Ledger[0].Evidence!.Value.Select(static e => e.Signal),
            Has.None.EqualTo(Signal.UpstreamRejections));
    }

    private static TestCaseData Case(string name, UpstreamReport[] reports, string[] lines) =>
        new TestCaseData([reports]).Returns(lines).SetArgDisplayNames(name);

    private static UpstreamReport With(params (string Type, long Count)[] rejects) => Quiet with
    {
        Rejects =
        [
            .. rejects.OrderBy(static r => r.Type, StringComparer.Ordinal)
                .Select(static r => new RejectCount(r.Type, r.Count)),
        ],
    };

    private static GatewayModel BadCanary(UpstreamReport[] reports)
    {
        var gateway = new GatewayModel();
        gateway.RunUntil(static () => false, 6);
        foreach (var report in reports)
            gateway.Post(new ControlEvent.UpstreamReported(report));
        gateway.RunUntil(static () => false, 4);
        gateway.FailureRatio = static cluster => cluster == GatewayModel.Canary ? 0.3 : 0;
        return gateway;
    }

    private static LedgerRecord Opening(UpstreamReport[] reports)
    {
        var gateway = BadCanary(reports);
        gateway.RunUntil(() => gateway.Ledger.Count > 0);
        return gateway.Ledger[0];
    }

    private static string Conclusion(UpstreamReport[] reports) =>
        string.Join('\n', Opening(reports).Conclusion!.Hypotheses.Select(static h => h.ToString()));

    private static Hypothesis Hypothesis(UpstreamReport[] reports) =>
        Opening(reports).Conclusion!.Hypotheses.Single(static h => h.Kind == HypothesisKind.BadConfiguration);

    private static string Ledger(UpstreamReport[] reports)
    {
        var gateway = BadCanary(reports);
        gateway.RunUntil(() => gateway.Phase == IncidentPhase.Resolved);
        return string.Join('\n', gateway.Ledger.Select(static r => Encoding.UTF8.GetString(RecordJson.Write(r))));
    }
}
