using SelfHeal.Core.Actions;
using SelfHeal.Core.Diagnosis;
using SelfHeal.Core.Rings;
using SelfHeal.Core.Topology;

namespace SelfHeal.UnitTests.Actions;

public sealed class CandidatePlannerTests
{
    private static readonly VersionShare Elsewhere = new("v3", "pay-v3", 0);

    private static readonly TrafficSplit Split =
        new("pay", "r", "shop", "#0", [new VersionShare("v1", "pay-v1", 90), new VersionShare("v2", "pay-v2", 10)]);

    [TestCase(true, TestName = "a split that does not hold the blamed version")]
    [TestCase(false, TestName = "no split")]
    public void Plan_NothingToLayWeightsOver_RefusesTheShiftForThatReason(bool hasSplit)
    {
        var candidates = Plan(hasSplit ? Split : null, Elsewhere, isBlind: false);

        var shift = candidates.Single(static c => c.Kind == ActionKind.ShiftTrafficWeights);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(shift.Overlay, Is.Null);
            Assert.That(shift.Refusals, Does.Contain(ReasonCode.NoWritableSplit));
            Assert.That(shift.Description, Is.EqualTo("shift traffic away from v3"));
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Plan_BlindService_IsRefusedTheShift(bool isBlind)
    {
        var shift = Plan(Split, Split.Versions[1], isBlind).Single(static c => c.Overlay is not null);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(shift.Refusals.Contains(ReasonCode.BlindGrpc), Is.EqualTo(isBlind));
            Assert.That(shift.Refusals, Has.None.EqualTo(ReasonCode.NoWritableSplit));
        }
    }

    [Test]
    public void Plan_NobodyBlamed_DoesNothing() =>
        Assert.That(Plan(Split, blamed: null, isBlind: true).Select(static c => c.Kind),
            Is.EqualTo(new[] { ActionKind.DoNothing }));

    private static IReadOnlyList<CandidateAction> Plan(TrafficSplit? split, VersionShare? blamed, bool isBlind) =>
        CandidatePlanner.Plan(
            "ing-1",
            "ing-1/1",
            split,
            blamed,
            Diagnostician.Diagnose("pay", blamed?.Version, [], []),
            new Efficacy(),
            new RemediationPolicy(),
            new GateSituation("pay", 1, 1, true, false, 0, 2, true, false, 0, true) { IsBlind = isBlind });
}
