using SelfHeal.Core.Series;

namespace SelfHeal.UnitTests.Series;

[TestFixture]
public sealed class FlushBatchPoolTests
{
    [Test]
    public void Rent_AfterReturn_GivesTheSameBatchEmptied()
    {
        var pool = new FlushBatchPool();
        var batch = pool.Rent();
        batch.Add(1, 2);
        batch.Skip();
        pool.Return(batch);
        var again = pool.Rent();
        Assert.That(again, Is.SameAs(batch));
        Assert.That((again.Count, again.SkippedSamples), Is.EqualTo((0, 0)));
        Assert.That(pool.Rent(), Is.Not.SameAs(batch));
    }

    [Test]
    public void Return_BeyondTheLimit_KeepsNoMore()
    {
        var pool = new FlushBatchPool(limit: 1);
        var first = pool.Rent();
        var second = pool.Rent();
        pool.Return(first);
        pool.Return(second);
        Assert.That(pool.Rent(), Is.SameAs(first));
        Assert.That(pool.Rent(), Is.Not.SameAs(second));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task RentAndReturn_FromTwoThreads_NeverShareABatch(CancellationToken cancellation)
    {
        var pool = new FlushBatchPool(limit: 2);
        var workers = Enumerable.Range(1, 2).Select(worker => Task.Factory.StartNew(
            () =>
            {
                for (var round = 0; round < 50_000; round++)
                {
                    var batch = pool.Rent();
                    batch.Add(worker, worker);
                    if (batch.Count != 1 || batch.Indexes[0] != worker)
                        return false;
                    pool.Return(batch);
                }

                return true;
            },
            cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));
        Assert.That(await Task.WhenAll(workers), Is.All.True);
    }
}
