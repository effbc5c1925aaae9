using SelfHeal.Core.Detection;

namespace SelfHeal.UnitTests.Detection;

[TestFixture]
public sealed class ClearTestTests
{
    [TestCase(double.PositiveInfinity, 459)]
    [TestCase(2, 1_800)]
    [TestCase(1, 9_900)]
    public void CleanTotalNeeded_WorkedExamples_AreMet(double shape, long expected)
    {
        Assert.That(ClearTest.CleanTotalNeeded(0.01, shape, 0.01), Is.EqualTo(expected));
        Assert.That(ClearTest.Excludes(ClearTest.LnTail(0, expected, 0.01, shape), 0.01), Is.True);
        Assert.That(ClearTest.Excludes(ClearTest.LnTail(0, expected - 1, 0.01, shape), 0.01), Is.False);
    }

    [TestCase(0, 1_000, 1.0)]
    [TestCase(3, 1_000, 1.0)]
    [TestCase(7, 2_000, 2.5)]
    [TestCase(4, 600, double.PositiveInfinity)]
    public void LnTail_FewEvents_IsTheSumOfTheDistribution(long events, long total, double shape)
    {
        var expected = Math.Log(Tail(events, total, 0.01, shape));
        Assert.That(ClearTest.LnTail(events, total, 0.01, shape) / 1e6, Is.EqualTo(expected).Within(1e-5));
    }

    [Test]
    public void LnTail_SeveralBlocks_Multiply()
    {
        // Two clean blocks at shape 1 need 900 requests each; one block needs 9,900.
        var block = ClearTest.LnTail(0, 900, 0.01, 1);
        Assert.That(ClearTest.Excludes(block, 0.01), Is.False);
        Assert.That(ClearTest.Excludes(block + block, 0.01), Is.True);
    }

    [Test]
    public void LnTail_NothingMeasured_ExcludesNothing()
    {
        Assert.That(ClearTest.LnTail(0, 0, 0.01, 1), Is.Zero);
        Assert.That(ClearTest.LnTail(50, 100, 0.01, 1), Is.Zero);
    }

    [Test]
    public void LnTail_MoreEvents_IsNeverMoreConvincing()
    {
        var before = long.MinValue;
        for (var events = 0; events < 60; events++)
        {
            var tail = ClearTest.LnTail(events, 5_000, 0.01, 2);
            Assert.That(tail, Is.GreaterThanOrEqualTo(before));
            before = tail;
        }
    }

    private static double Tail(long events, long total, double ratio, double shape)
    {
        var mean = total * ratio;
        var isBinomial = double.IsPositiveInfinity(shape);
        var term = isBinomial ? Math.Pow(1 - ratio, total) : Math.Pow(1 + (mean / shape), -shape);
        var sum = term;
        for (var count = 0; count < events; count++)
        {
            term *= isBinomial
                ? (total - count) / (count + 1.0) * ratio / (1 - ratio)
                : (count + shape) / (count + 1.0) * mean / (shape + mean);
            sum += term;
        }

        return sum;
    }
}
