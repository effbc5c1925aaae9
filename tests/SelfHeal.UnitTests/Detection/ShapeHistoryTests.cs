using SelfHeal.Core.Detection;
using SelfHeal.Core.Time;

namespace SelfHeal.UnitTests.Detection;

[TestFixture]
public sealed class ShapeHistoryTests
{
    private const int WeekBlocks = 7 * 17_280;
    private readonly SeededRandomSource _random = new(5);

    [Test]
    public void Estimate_PureChance_IsUnbounded()
    {
        var sums = default(ShapeSums);
        foreach (var (events, total) in new[] { (1.0, 100.0), (2, 200), (1, 100), (0, 0) })
            sums.Add(events, total);
        Assert.That(sums.Estimate(), Is.EqualTo(double.PositiveInfinity));
        Assert.That(default(ShapeSums).Estimate(), Is.Zero);
    }

    [Test]
    public void Estimate_TwoRatesByTurns_IsMeanSquaredOverExcess()
    {
        // Means 1 and 3 by turns of equal n: mean 2, variance of the means 1, k = 4.
        var sums = default(ShapeSums);
        for (var i = 0; i < 20_000; i++)
            sums.Add(Poisson(i % 2 == 0 ? 1 : 3), 1_000);
        Assert.That(sums.Estimate(), Is.EqualTo(4).Within(0.4));
    }

    [Test]
    public void Contrast_BurstsShared_StraysNoFurtherThanChance()
    {
        var sums = default(ContrastSums);
        for (var i = 0; i < 20_000; i++)
        {
            var burst = i % 2 == 0 ? 0.2 : 1.8;
            sums.Add(Poisson(10 * burst), 1_000, Poisson(90 * burst), 9_000);
        }

        Assert.That(sums.Estimate(), Is.GreaterThan(100));
    }

    [Test]
    public void Contrast_MembersOwnNoise_IsFoundUnderSharedBursts()
    {
        var sums = default(ContrastSums);
        for (var i = 0; i < 40_000; i++)
        {
            var burst = (i / 2) % 2 == 0 ? 0.5 : 1.5;
            var own = i % 2 == 0 ? 0.5 : 1.5;
            sums.Add(Poisson(20 * burst * own), 1_000, Poisson(180 * burst), 9_000);
        }

        // The member's own factor has variance 1/4, so kc is 4 as far as the siblings are known exactly.
        Assert.That(sums.Estimate(), Is.EqualTo(4).Within(0.6));
    }

    [Test]
    public void Smallest_OfSeveralWeeks_IsHalved()
    {
        var history = new ShapeHistory();
        Week(history, 1, 3);
        history.CloseWeek(isWhole: false);
        Assert.That(history.Smallest(0), Is.Zero, "a week that was seen in part says nothing");
        Week(history, 1, 3);
        history.CloseWeek(isWhole: true);
        var first = history.Smallest(0);
        Assert.That(first, Is.EqualTo(2).Within(0.4), "k = 4, halved");
        Week(history, 2, 2);
        history.CloseWeek(isWhole: true);
        Assert.That(history.Smallest(0), Is.EqualTo(first), "a calmer week does not make bold");
        for (var week = 0; week < 4; week++)
        {
            Week(history, 2, 2);
            history.CloseWeek(isWhole: true);
        }

        Assert.That(history.Smallest(0), Is.GreaterThan(4), "after four weeks the rough one is forgotten");
    }

    [Test]
    public void Smallest_FewEvents_IsAtMostOne()
    {
        var history = new ShapeHistory();
        Span<LearnedBlock> blocks = stackalloc LearnedBlock[12];
        blocks.Fill(new LearnedBlock(1, 1_000, 0, 0));
        for (var i = 0; i < 10; i++)
            history.Add(blocks);
        history.CloseWeek(isWhole: true);
        Assert.That(history.Smallest(0), Is.EqualTo(1));
    }

    [Test]
    public void Restore_OfWhatPastGave_GivesTheSameShapes()
    {
        var history = new ShapeHistory();
        Week(history, 1, 3);
        history.CloseWeek(isWhole: true);
        var restored = new ShapeHistory();
        restored.Restore(history.Past);
        for (var kind = 0; kind < ShapeHistory.Kinds; kind++)
            Assert.That(restored.Smallest(kind), Is.EqualTo(history.Smallest(kind)));
    }

    private void Week(ShapeHistory history, double one, double other)
    {
        Span<LearnedBlock> blocks = stackalloc LearnedBlock[12];
        for (var block = 0; block < WeekBlocks / 8; block += blocks.Length)
        {
            for (var i = 0; i < blocks.Length; i++)
                blocks[i] = new LearnedBlock(Poisson(i % 2 == 0 ? one : other), 1_000, 0, 0);
            history.Add(blocks);
        }
    }

    /// <summary>Counts arrivals of a unit rate until the time is up.</summary>
    private int Poisson(double mean)
    {
        var events = 0;
        for (var time = Wait(); time < mean; time += Wait())
            events++;
        return events;
    }

    private double Wait() => -Math.Log((_random.NextInt32(1_000_000) + 1) / 1_000_001.0);
}
