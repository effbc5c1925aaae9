using SelfHeal.Core.Detection;

namespace SelfHeal.UnitTests.Detection;

/// <summary>The worked examples of the judgement, section 2.</summary>
[TestFixture]
public sealed class LikelihoodTests
{
    private const double Baseline = 0.002;
    private const long Total = 1_200;

    [Test]
    public void RiseAt_WorkedExample_GivesTheSixValues()
    {
        double[] expected = [0.996, 1.450, 1.774, 1.753, 1.182, -0.436];
        for (var size = 0; size < expected.Length; size++)
        {
            var micros = Likelihood.RiseAt(9, Total * Baseline, 2, size);
            Assert.That(micros / 1e6, Is.EqualTo(expected[size]).Within(0.0005), $"size {Likelihood.Rise[size]}");
        }
    }

    [TestCase(9, 2, 1.32, 0.005)]
    [TestCase(48, 1, 11.92, 0.005)]
    [TestCase(120, 1, 35.4, 0.05)]
    public void Rises_WorkedExamples_GiveF(long events, double shape, double expected, double tolerance) =>
        Assert.That(
            Likelihood.Rises(events, Total * Baseline, shape) / 1e6, Is.EqualTo(expected).Within(tolerance));

    [Test]
    public void Threshold_OneSeriesAtFiveSeconds_IsEighteenPointNine()
    {
        Assert.That(Likelihood.Threshold(17_280_000, 1), Is.EqualTo(18_862_285).Within(1));
        Assert.That(Likelihood.Threshold(17_280_000, 1_000), Is.GreaterThan(Likelihood.Threshold(17_280_000, 1)));
    }

    [Test]
    public void Rises_InfiniteShape_IsTheLimitOfLargeShapes()
    {
        var limit = Likelihood.Rises(9, 2.4, double.PositiveInfinity);
        Assert.That(Likelihood.Rises(9, 2.4, 1e9), Is.EqualTo(limit).Within(10));
    }

    [Test]
    public void Rises_TwentyFoldAtShapeOne_StaysBelowTheBound()
    {
        // An x-fold ratio is worth at most about k (x - 1 - ln x) nats whatever the traffic.
        for (var total = 1_000L; total < 100_000_000; total *= 10)
        {
            var statistic = Likelihood.Rises((long)(total * 20 * Baseline), total * Baseline, 1);
            Assert.That(statistic / 1e6, Is.LessThan(16.01));
        }
    }

    [TestCase(0.5)]
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(8)]
    public void Falls_TotalSilence_IsWorthOnlyItsShape(double shape)
    {
        // The size 0.03 alone gives 3.51 k - ln 6; the five others add less than ln 6 to it.
        var statistic = Likelihood.Falls(0, 1e12, shape) / 1e6;
        Assert.That(statistic, Is.InRange((3.506 * shape) - 1.792, 3.507 * shape));
    }

    [Test]
    public void Rises_NoEvents_IsNeverPositive()
    {
        foreach (var expected in (double[])[0, 0.001, 1, 1_000, 1e9])
            Assert.That(Likelihood.Rises(0, expected, 1), Is.LessThanOrEqualTo(0));
    }

    [Test]
    public void MixOf_HugeSums_DoesNotOverflow()
    {
        long[] sums = [0, 1, 2, 3, 4, 5_000_000_000_000];
        Assert.That(Likelihood.MixOf(sums), Is.EqualTo(5_000_000_000_000 - 1_791_759).Within(1));
    }
}
