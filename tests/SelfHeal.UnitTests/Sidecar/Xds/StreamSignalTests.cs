using SelfHeal.Sidecar.Xds;
using SelfHeal.UnitTests.Ledger;

namespace SelfHeal.UnitTests.Sidecar.Xds;

/// <summary>No wake is lost, and asking twice is asking once.</summary>
[CancelAfter(60_000)]
internal sealed class StreamSignalTests
{
    private readonly StreamSignal _signal = new();

    [Test]
    public async Task WaitAsync_SetBefore_ReturnsAtOnceAndOnlyOnce()
    {
        _signal.Set();
        _signal.Set();

        await _signal.WaitAsync().AsTask().InTime();
        var second = _signal.WaitAsync().AsTask();
        Assert.That(second.IsCompleted, Is.False);
        _signal.Set();
        await second.InTime();
    }

    [Test]
    public void SetHere_SomebodyWaits_RunsItOnThisThread()
    {
        // Tests run in a context of their own, to which continuations would be posted; a server has none.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        var thread = 0;
        _ = WaitAsync();

        _signal.SetHere();

        SynchronizationContext.SetSynchronizationContext(context);
        Assert.That(thread, Is.EqualTo(Environment.CurrentManagedThreadId));

        async Task WaitAsync()
        {
            await _signal.WaitAsync();
            thread = Environment.CurrentManagedThreadId;
        }
    }

    [Test]
    public async Task Set_FromManyThreads_TheWaiterSeesEverythingThatWasDoneBefore()
    {
        const int Threads = 4;
        const int Each = 20_000;
        var done = 0;
        var seen = 0;
        var waiting = WaitAsync();

        var setters = Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < Each; i++)
                {
                    Interlocked.Increment(ref done);
                    _signal.Set();
                }
            },
            TaskCreationOptions.LongRunning)).ToArray();
        await Task.WhenAll(setters).InTime();

        await waiting.InTime();
        Assert.That(seen, Is.EqualTo(Threads * Each));

        async Task WaitAsync()
        {
            while ((seen = Volatile.Read(ref done)) < Threads * Each)
                await _signal.WaitAsync();
        }
    }
}
