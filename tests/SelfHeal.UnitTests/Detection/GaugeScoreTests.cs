using SelfHeal.Core.Detection;

namespace SelfHeal.UnitTests.Detection;

[TestFixture]
public sealed class GaugeScoreTests
{
    [Test]
    public void RobustZ_OneOutlierInHistory_DoesNotMoveTheMedian()
    {
        Assert.That(GaugeScore.RobustZ([10, 12, 11, 9, 500, 10, 13], 21, 1), Is.EqualTo(6_745));
    }

    [Test]
    public void RobustZ_GaugeThatNeverMoved_IsHeldAgainstTheFloor() =>
        Assert.That(GaugeScore.RobustZ([4, 4, 4, 4], 9, 5), Is.EqualTo(674));

    [Test]
    public void RobustZ_BelowTheMedian_IsNegative() =>
        Assert.That(GaugeScore.RobustZ([100, 110, 90], 50, 1), Is.EqualTo(-3_372));

    [Test]
    public void RobustZ_NoHistory_SaysNothing() => Assert.That(GaugeScore.RobustZ([], 1_000, 1), Is.Zero);
}
