using FsCheck;
using FsCheck.Fluent;

namespace SelfHeal.UnitTests.Xds.Delegation;

/// <summary>What must hold whatever the order of changes, answers, cuts and overlays.</summary>
[TestFixture(false)]
[TestFixture(true)]
internal sealed class RelayPropertyTests(bool isDelta)
{
    private const int Laying = 10;

    [Test]
    public void AnySequence_WithoutOverlays_ClientEndsWithExactlyWhatTheUpstreamHas() => Check(steps =>
    {
        var model = new RelayModel(isDelta);
        foreach (var step in steps.Where(static step => step % 12 != Laying))
            model.Step(step % 12, step / 12);
        model.Finish(isOverlaid: false);
    });

    [TestCase(false)]
    [TestCase(true)]
    public void AnySequence_WithOverlays_ClientEndsWithTheUpstreamsUnderThem(bool isOverlaid) => Check(steps =>
    {
        var model = new RelayModel(isDelta);
        foreach (var step in steps)
            model.Step(step % 12, step / 12);
        model.Finish(isOverlaid);
    });

    private static void Check(Action<int[]> property)
    {
        var steps = Arb.From(
            Gen.Choose(0, 9999).ArrayOf(),
            values => values.Select((_, index) => values.Where((_, place) => place != index).ToArray()));
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(400).WithEndSize(150), Prop.ForAll(steps, property));
    }
}
