using SelfHeal.Core.Detection;
using SelfHeal.Core.Time;

namespace SelfHeal.UnitTests.Detection;

[TestFixture]
public sealed class LookBatchTests
{
    [Test]
    public void Score_Rises_BoundsTheExactStatisticAndHasItsSign()
    {
        var batch = new LookBatch(Likelihood.RiseSizes, Likelihood.RiseLogs);
        Compare(batch, (e, m, k) => Likelihood.Rises(e, m, k), 1, 11);
    }

    [Test]
    public void Score_Falls_BoundsTheExactStatisticAndHasItsSign()
    {
        var batch = new LookBatch(Likelihood.FallSizes, Likelihood.FallLogs);
        Compare(batch, (e, m, k) => Likelihood.Falls(e, m, k), 100, 12);
    }

    [Test]
    public void Score_SecondBatch_KnowsNothingOfTheFirst()
    {
        var batch = new LookBatch(Likelihood.RiseSizes, Likelihood.RiseLogs);
        for (var i = 0; i < 1_000; i++)
            batch.Add(i, 0, 500, 1, 1);
        batch.Score();
        batch.Clear();
        batch.Add(7, 3, 2, 1, 4);
        batch.Score();
        Assert.That((batch.Count, batch.TrackAt(0), batch.PlaceAt(0)), Is.EqualTo((1, 7, 3)));
        Assert.That(batch.BoundAt(0), Is.EqualTo(Likelihood.Rises(2, 1, 4)));
    }

    private static void Compare(LookBatch batch, Func<long, double, double, long> exact, int scale, ulong seed)
    {
        var random = new SeededRandomSource(seed);
        var looks = new List<(long Events, double Expected, double Shape)>();
        for (var i = 0; i < 20_001; i++)
        {
            var look = (
                (long)random.NextInt32(random.NextInt32(3) == 0 ? 2_000 : 12),
                (random.NextInt32(100_000) + 1) / 1_000.0 * scale,
                0.25 + (random.NextInt32(6_400) / 100.0));
            looks.Add(look);
            batch.Add(i, i % LookSchedule.LookCount, look.Item1, look.Item2, look.Item3);
        }

        batch.Score();
        var exactNearZero = 0;
        for (var i = 0; i < looks.Count; i++)
        {
            var statistic = exact(looks[i].Events, looks[i].Expected, looks[i].Shape);
            var bound = batch.BoundAt(i);
            Assert.That(bound, Is.GreaterThanOrEqualTo(statistic), looks[i].ToString());
            Assert.That(bound > 0, Is.EqualTo(statistic > 0), looks[i].ToString());
            exactNearZero += bound == statistic ? 1 : 0;
        }

        Assert.That(exactNearZero, Is.Positive, "some looks lie where only the mixture decides");
    }
}
