using SelfHeal.Core.Control;
using SelfHeal.Core.Loads;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.UnitTests.Ledger;
using SelfHeal.UnitTests.Time;

namespace SelfHeal.UnitTests.Sidecar.Judgement;

/// <summary>What the control thread gets, in which order, and what a flood or a quiet night costs.</summary>
internal sealed class ControlInboxTests
{
    private const int BatchLimit = 256;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    private TestMeters _meters = null!; // Set before each test.
    private ControlInbox _inbox = null!; // Set before each test.
    private readonly SimulatedTimeProvider _time = new();

    [SetUp]
    public void Create()
    {
        _meters = new TestMeters();
        _inbox = new ControlInbox(new FlushBatchPool(), _meters);
    }

    [TearDown]
    public void Dispose() => _meters.Dispose();

    [Test]
    public void Drain_Stream_OpensBeforeItsBatchesAndClosesAfterThem()
    {
        _inbox.StreamOpened(1, "a", "edge", default);
        var batch = Post(stream: 1);
        _inbox.Post(new ControlEvent.StatsStreamClosed(1));
        _inbox.Post(new ControlEvent.RecordAppended(1, "leaf"));

        Assert.That(Drain(), Is.EqualTo(new ControlEvent[]
        {
            new ControlEvent.StatsStreamOpened(1, "a", "edge"),
            new ControlEvent.RecordAppended(1, "leaf"),
            batch.Received,
            new ControlEvent.StatsStreamClosed(1),
        }));
        Assert.That(Drain(), Is.Empty);
    }

    [Test]
    public async Task Drain_StreamsThatComeAndGoMeanwhile_KeepTheirOrder()
    {
        const int Streams = 50_000;
        var inbox = _inbox;
        var posting = Task.Run(() =>
        {
            for (var stream = 1; stream <= Streams; stream++)
            {
                inbox.StreamOpened(stream, "a", "edge", default);
                Post(inbox, stream);
                inbox.Post(new ControlEvent.StatsStreamClosed(stream));
            }
        });
        var state = new Dictionary<long, string>();
        for (var done = false; !done;)
        {
            done = posting.IsCompleted;
            foreach (var happened in Drain())
                Note(happened);
        }

        foreach (var happened in Drain())
            Note(happened); // What closes between two looks comes with the second.
        await posting.InTime();
        Assert.That(state.Values, Has.None.EqualTo("open"));

        void Note(ControlEvent happened)
        {
            switch (happened)
            {
                case ControlEvent.StatsStreamOpened opened:
                    Assert.That(state.TryAdd(opened.Stream, "open"), Is.True);
                    break;
                case ControlEvent.StatsReceived received:
                    var before = state.GetValueOrDefault(received.Batch.Stream, "unknown");
                    Assert.That(before, Is.EqualTo("open"), $"batch of stream {received.Batch.Stream}");
                    break;
                case ControlEvent.StatsStreamClosed closed:
                    state[closed.Stream] = "closed";
                    break;
            }
        }
    }

    [Test]
    public void Post_MoreBatchesThanTheLimit_DropsTheOldestCountsThemAndPoolsThem()
    {
        var first = Post(stream: 1);
        var second = Post(stream: 2);
        for (var stream = 3; stream <= BatchLimit + 2; stream++)
            Post(stream);

        Assert.That(_meters.Sum("selfheal.stats.dropped_batches"), Is.EqualTo(2));
        Assert.That((FlushBatch[])[_inbox.Pool.Rent(), _inbox.Pool.Rent()], Is.EquivalentTo(new[] { first, second }));
        var left = Drain().Cast<ControlEvent.StatsReceived>().Select(static r => r.Batch.Stream);
        Assert.That(left, Is.EqualTo(Enumerable.Range(3, BatchLimit)));
    }

    [Test]
    public void Post_ManyEvents_NoneIsDropped()
    {
        for (var sequence = 1; sequence <= 5_000; sequence++)
            _inbox.Post(new ControlEvent.RecordAppended(sequence, "leaf"));

        Assert.That(
            Drain().Cast<ControlEvent.RecordAppended>().Select(static r => r.Sequence),
            Is.EqualTo(Enumerable.Range(1, 5_000)));
    }

    [Test]
    public void Drain_LoadStream_OpensBeforeItsReportsAndClosesAfterThem()
    {
        _inbox.PostTelemetry(new ControlEvent.LoadReported(Report(1)), 1);
        _inbox.Post(new ControlEvent.LoadStreamOpened(1, "a", LoadAbsence.NothingUnderWay));
        _inbox.Post(new ControlEvent.LoadStreamClosed(1));

        Assert.That(
            Drain().Select(static e => e.GetType()),
            Is.EqualTo(new[]
            {
                typeof(ControlEvent.LoadStreamOpened),
                typeof(ControlEvent.LoadReported),
                typeof(ControlEvent.LoadStreamClosed),
            }));
    }

    [Test]
    public void PostTelemetry_MoreRowsThanTheLimit_DropsTheOldestAndCounts()
    {
        const int Rows = 100_000;
        for (var sequence = 1; sequence <= 5; sequence++)
            _inbox.PostTelemetry(new ControlEvent.LoadReported(Report(sequence)), Rows);

        Assert.That(_meters.Sum("selfheal.traffic.dropped_events"), Is.EqualTo(3));
        Assert.That(
            Drain().Cast<ControlEvent.LoadReported>().Select(static e => e.Report.Sequence),
            Is.EqualTo(new[] { 4, 5 }));
    }

    [Test]
    public void PostTelemetry_AfterTheEnd_IsDropped()
    {
        _inbox.PostTelemetry(new ControlEvent.LoadReported(Report(1)), 1);
        _inbox.Close();
        _inbox.PostTelemetry(new ControlEvent.LoadReported(Report(2)), 1);

        Assert.That(Drain(), Is.Empty);
    }

    [Test]
    public void Close_LaterEvents_AreDropped()
    {
        _inbox.Post(new ControlEvent.RecordAppended(1, "leaf"));
        _inbox.Close();
        _inbox.Post(new ControlEvent.RecordAppended(2, "leaf"));

        Assert.That(Drain(), Is.EqualTo(new[] { new ControlEvent.RecordAppended(1, "leaf") }));
    }

    [Test]
    public async Task WaitAsync_EventPosted_ReturnsBeforeTheTick()
    {
        using var timer = new PeriodicTimer(Period, _time);
        var waiting = _inbox.WaitAsync(timer, CancellationToken.None);
        Assert.That(waiting.IsCompleted, Is.False);

        _inbox.Post(new ControlEvent.StatsStreamClosed(1));

        await waiting.InTime();
    }

    [Test]
    public async Task WaitAsync_EventPostedBefore_ReturnsAtOnceAndThenWaitsAgain()
    {
        using var timer = new PeriodicTimer(Period, _time);
        _inbox.Post(new ControlEvent.StatsStreamClosed(1));
        _inbox.Post(new ControlEvent.StatsStreamClosed(2));
        await _inbox.WaitAsync(timer, CancellationToken.None).InTime();

        var waiting = _inbox.WaitAsync(timer, CancellationToken.None);

        Assert.That(waiting.IsCompleted, Is.False, "two events are one wake");
        _time.Advance(Period);
        await waiting.InTime();
    }

    [Test]
    public async Task WaitAsync_BatchPosted_WaitsForTheTick()
    {
        using var timer = new PeriodicTimer(Period, _time);
        var waiting = _inbox.WaitAsync(timer, CancellationToken.None);

        Post(stream: 1);

        Assert.That(waiting.IsCompleted, Is.False);
        _time.Advance(Period);
        await waiting.InTime();
    }

    [Test]
    public async Task WaitAsync_Cancelled_Ends()
    {
        using var timer = new PeriodicTimer(Period, _time);
        using var stop = new CancellationTokenSource();
        var waiting = _inbox.WaitAsync(timer, stop.Token);

        await stop.CancelAsync();

        Assert.That(async () => await waiting.InTime(), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    [NonParallelizable]
    public async Task WaitAsync_TenThousandTicksWithoutAnEvent_KeepsNoMemory()
    {
        const int Waits = 10_000;
        using var timer = new PeriodicTimer(Period, _time);
        await WaitAsync(1_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await WaitAsync(Waits);

        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.That(grown, Is.LessThan(Waits * 64), "a waiter that is left behind takes more than this per wait");

        async Task WaitAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                var waiting = _inbox.WaitAsync(timer, CancellationToken.None);
                _time.Advance(Period);
                await waiting.InTime();
            }
        }
    }

    private static LoadReport Report(long sequence) => new(1, sequence, []);

    private FlushBatch Post(long stream) => Post(_inbox, stream);

    private static FlushBatch Post(ControlInbox inbox, long stream)
    {
        var batch = new FlushBatch();
        batch.Seal(stream, 0, 0, 0, default(ControlTime), new SeriesCatalog());
        inbox.Post(batch);
        return batch;
    }

    private List<ControlEvent> Drain()
    {
        var events = new List<ControlEvent>();
        _inbox.Drain(events);
        return events;
    }
}
