using FsCheck;
using FsCheck.Fluent;
using SelfHeal.Core.Control;
using SelfHeal.Core.Recording;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;

namespace SelfHeal.UnitTests.Recording;

[TestFixture]
internal sealed class StepCodecTests
{
    private static readonly ControlTime Start = ChunkHarness.Start;

    [Test]
    public void RoundTrip_OfTimes_IsExact()
    {
        long[] steps = [0, 50_000_000, 50_000_000, 50_000_000, 50_000_123, 1, 0, 99, 100, 7_200_000_000_000];
        long[] jumps = [0, 0, 0, 0, 0, 0, -36_000_000_000, 1, 0, 5];
        var now = Start;
        var times = new List<ControlTime>();
        foreach (var (step, jump) in steps.Zip(jumps))
        {
            now = new ControlTime(now.MonotonicNanos + step, now.Wall.AddTicks((step / 100) + jump));
            times.Add(now);
        }

        var read = new ChunkHarness().RoundTrip(
            times.Select(static t => (t, Array.Empty<ControlEvent>(), Array.Empty<ControlEffect>())));

        Assert.That(read.Select(static r => r.Now), Is.EqualTo(times));
    }

    [Test]
    public void Write_OfAnHourWithoutEvents_CostsAFewBytes()
    {
        var harness = new ChunkHarness();
        var regular = Enumerable.Range(0, 72_000)
            .Select(static i => (Start.Plus(TimeSpan.FromMilliseconds(50 * i)), Array.Empty<ControlEvent>(),
                Array.Empty<ControlEffect>()))
            .ToList();

        var read = harness.RoundTrip(regular);

        Assert.That(read, Has.Count.EqualTo(72_000));
        Assert.That(harness.Payload, Has.Length.LessThan(32));
    }

    [Test]
    public void Write_OfATickWithJitter_CostsFourBytes()
    {
        var random = new SeededRandomSource(1);
        var harness = new ChunkHarness();
        var now = Start;
        var ticks = new List<(ControlTime, ControlEvent[], ControlEffect[])>();
        for (var i = 0; i < 1_000; i++)
        {
            var ticked = 50_000_000L + (random.NextInt32(2_000) * 100) - 100_000;
            now = new ControlTime(
                now.MonotonicNanos + ticked, now.Wall.AddTicks((ticked / 100) + random.NextInt32(3) - 1));
            ticks.Add((now, [], []));
        }

        var read = harness.RoundTrip(ticks);

        Assert.That(read.Select(static r => r.Now), Is.EqualTo(ticks.Select(static t => t.Item1)));
        Assert.That(harness.Payload.Length, Is.LessThanOrEqualTo(5 * 1_000));
    }

    [Test]
    public void RoundTrip_OfBatches_IsExactInChunksWithAndWithoutAKey()
    {
        var stream = new TestStream(7, "envoy-é");
        var harness = new ChunkHarness();
        var now = Start;
        for (var chunk = 0; chunk < 6; chunk++)
        {
            var steps = new List<(ControlTime, ControlEvent[], ControlEffect[])>();
            var expected = new List<string>();
            for (var i = 0; i < 5; i++)
            {
                now = now.Plus(TimeSpan.FromSeconds(1));
                ControlEvent[] events = chunk == 0 && i == 0
                    ? [stream.Opened, stream.Flush(now, 40 + chunk)]
                    : [stream.Flush(now, 40 + chunk)];
                steps.Add((now, events, []));
                expected.Add(BatchCopy.Of(events[^1]).ToString()!); // A batch becomes a text.
            }

            var read = harness.RoundTrip(steps, isKey: chunk % 3 == 0);

            Assert.That(read.Select(static r => r.Events[^1]), Is.EqualTo(expected), $"chunk {chunk}");
        }
    }

    [Test]
    public void Write_OfAFlushThatChangedLittle_CostsLittle()
    {
        var stream = new TestStream(1, "envoy");
        var harness = new ChunkHarness();
        harness.RoundTrip([(Start, [stream.Opened, stream.Flush(Start, 10_000)], [])]);
        var next = Start.Plus(TimeSpan.FromSeconds(5));

        harness.RoundTrip([(next, [stream.Flush(next, 10_000, changed: 10)], [])], isKey: false);

        Assert.That(harness.Payload, Has.Length.LessThan(200));
    }

    [Test]
    public void Begin_OfAKey_TellsStreamsTopologyAndRoutes()
    {
        var stream = new TestStream(3, "envoy");
        var topology = new ControlEvent.TopologyChanged(new GatewayTopology([], ["a.b", "c"]));
        var held = new ControlEvent.RouteHeld("routes", 2, 1, "content", "source", ["overlay"]);
        var harness = new ChunkHarness();
        harness.Write([(Start, [topology, held, stream.Opened, stream.Flush(Start, 9)], [])]);
        var reader = new StepDecoder(new FlushBatchPool());
        var next = Start.Plus(TimeSpan.FromSeconds(1));
        var batch = stream.Flush(next, 9);
        harness.Write([(next, [batch], [])]);

        // A reader that comes in here has the names from their own chunk.
        var names = new RecordingBuffer();
        CatalogCodec.Write(names, new CatalogGrowth(3, stream.Catalog, 0, stream.Catalog.Count), 0, int.MaxValue);
        Assert.That(reader.TryAddCatalogs(names.Written), Is.True);
        Assert.That(reader.TryBegin(harness.Header, harness.Payload), Is.True);
        var events = new List<ControlEvent>();
        reader.AddStateTo(events);
        var step = new RecordedStep();
        Assert.That(reader.TryRead(step), Is.True);

        Assert.That(events.SelectMany(static e => Samples.Leaves(e)), Is.EqualTo(
            ((ControlEvent[])[topology, stream.Opened, held]).SelectMany(static e => Samples.Leaves(e))));
        var read = ((ControlEvent.StatsReceived)step.Events.Single()).Batch;
        Assert.That(read.Values.ToArray(), Is.EqualTo(((ControlEvent.StatsReceived)batch).Batch.Values.ToArray()));
        Assert.That(read.Sequence, Is.Zero, "nothing was lost on the way to a loop that begins here");
    }

    [Test]
    public void Read_OfABatchWhoseNamesAreLost_LeavesItOut()
    {
        var stream = new TestStream(3, "envoy");
        var harness = new ChunkHarness();
        harness.Write([(Start, [stream.Opened, stream.Flush(Start, 9), new ControlEvent.StatsStreamClosed(3)], [])]);
        var reader = new StepDecoder(new FlushBatchPool());
        var step = new RecordedStep();

        Assert.That(reader.TryBegin(harness.Header, harness.Payload), Is.True);
        Assert.That(reader.TryRead(step), Is.True);

        Assert.That(step.NamelessBatches, Is.EqualTo(1));
        Assert.That(step.Events.Select(static e => e.GetType()), Is.EqualTo(
            (Type[])[typeof(ControlEvent.StatsStreamOpened), typeof(ControlEvent.StatsStreamClosed)]));
    }

    [Test]
    public void Read_OfAPayloadCutAnywhere_GivesWholeStepsOnly()
    {
        var harness = new ChunkHarness();
        var whole = harness.RoundTrip(Mixed(new SeededRandomSource(5), 12));
        for (var length = 0; length < harness.Payload.Length; length++)
        {
            var step = new RecordedStep();
            var count = 0;
            if (harness.Decoder.TryBegin(harness.Header, harness.Payload.AsMemory(0, length)))
            {
                for (; harness.Decoder.TryRead(step); count++)
                {
                    Assert.That(step.Now, Is.EqualTo(whole[count].Now));
                    step.Clear(new FlushBatchPool(0));
                }
            }

            Assert.That(count, Is.LessThan(whole.Count));
            Assert.That(harness.Decoder.Expected ?? "", harness.Decoder.Expected is null ? Is.Empty : Is.Not.Empty);
        }
    }

    [Test]
    public void RoundTrip_OfAnySteps_IsExact() => Prop.ForAll<int>(static seed =>
    {
        var random = new SeededRandomSource((ulong)seed);
        var steps = Mixed(random, 1 + random.NextInt32(20));
        var expected = steps.ConvertAll(static s => (s.Now, Events: s.Events.Select(BatchCopy.Of).ToList()));

        var read = new ChunkHarness().RoundTrip(steps);

        return read.Count == expected.Count && read.Zip(expected).All(static pair =>
            pair.First.Now == pair.Second.Now
            && pair.First.Events.SelectMany(static e => Samples.Leaves(e))
                .SequenceEqual(pair.Second.Events.SelectMany(static e => Samples.Leaves(e))));
    }).QuickCheckThrowOnFailure();

    [Test]
    public void Read_OfAnyBytes_ThrowsNothing() => Prop.ForAll<byte[], int>(static (bytes, seed) =>
    {
        var random = new SeededRandomSource((ulong)seed);
        var harness = new ChunkHarness();
        harness.Write(Mixed(random, 4));
        var payload = harness.Payload;
        for (var i = 0; i < 3; i++)
            payload[random.NextInt32(payload.Length)] ^= (byte)(1 << random.NextInt32(8));
        ReadAll(harness.Header, payload);
        ReadAll(harness.Header with { IsKey = false }, bytes);
        ReadAll(harness.Header, bytes);
        var reader = new StepDecoder(new FlushBatchPool());
        reader.TryAddCatalogs(bytes);
        reader.TryReadLedger(bytes, []);
    }).QuickCheckThrowOnFailure();

    private static void ReadAll(in ChunkHeader header, byte[] payload)
    {
        var pool = new FlushBatchPool();
        var reader = new StepDecoder(pool);
        var step = new RecordedStep();

        // A run of a million empty steps is within the limits, and costs nothing but time.
        if (reader.TryBegin(header, payload))
        {
            for (var i = 0; i < 10_000 && reader.TryRead(step); i++)
                step.Clear(pool);
        }
    }

    private static List<(ControlTime Now, ControlEvent[] Events, ControlEffect[] Effects)> Mixed(
        SeededRandomSource random, int count)
    {
        var stream = new TestStream(random.NextInt32(1_000), "node");
        var steps = new List<(ControlTime, ControlEvent[], ControlEffect[])>();
        var now = Start;
        for (var i = 0; i < count; i++)
        {
            var nanos = random.NextInt32(4) == 0 ? random.NextInt32(int.MaxValue) : 50_000_000;
            now = new ControlTime(now.MonotonicNanos + nanos, now.Wall.AddTicks((nanos / 100) - random.NextInt32(2)));
            var events = new List<ControlEvent>();
            if (i == 0)
                events.Add(stream.Opened);
            if (i > 0 && random.NextInt32(3) == 0)
                events.Add(new ControlEvent.RecordRefused(i, "full"));
            if (random.NextInt32(2) == 0)
                events.Add(stream.Flush(now, 1 + random.NextInt32(50), random.NextInt32(50), random));
            steps.Add((now, [.. events], []));
        }

        return steps;
    }
}
