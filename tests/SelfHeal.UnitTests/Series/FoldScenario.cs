using System.Text;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;

namespace SelfHeal.UnitTests.Series;

/// <summary>A fold, a clock, and streams that send absolute values by name.</summary>
internal sealed class FoldScenario
{
    private readonly Dictionary<long, Feed> _feeds = [];
    private readonly FlushBatch _batch = new();

    public FoldScenario(TelemetryOptions? options = null) => Fold = new TelemetryFold(options ?? new());

    public TelemetryFold Fold { get; }

    public ControlTime Now { get; private set; } = new(1_000_000_000_000, DateTimeOffset.UnixEpoch);

    public void Pass(double seconds)
    {
        Now = Now.Plus(TimeSpan.FromSeconds(seconds));
        Fold.OnTick(Now);
    }

    public void Open(long stream, string node)
    {
        _feeds[stream] = new Feed();
        Fold.OnStreamOpened(stream, node, "gateway", Now);
    }

    public void Close(long stream) => Fold.OnStreamClosed(stream, Now);

    /// <summary>Sends one message and lets the flush come to its end.</summary>
    public void Flush(long stream, params (string Name, long Value)[] samples)
    {
        Part(stream, Now.MonotonicNanos / 1_000_000, samples);
        Pass(0.1);
    }

    /// <summary>The same with histograms, each of ten values: nine in the first bucket, one in a given one.</summary>
    public void Flush(long stream, (string Name, int Bucket)[] histograms, params (string Name, long Value)[] samples)
    {
        Part(stream, Now.MonotonicNanos / 1_000_000, histograms, samples);
        Pass(0.1);
    }

    /// <summary>Sends one message of a flush.</summary>
    public void Part(long stream, long millis, params (string Name, long Value)[] samples) =>
        Part(stream, millis, [], samples);

    public void Part(
        long stream, long millis, (string Name, int Bucket)[] histograms, params (string Name, long Value)[] samples)
    {
        var feed = _feeds[stream];
        _batch.Clear();
        foreach (var (name, bucket) in histograms)
        {
            var counts = new uint[FlushBatch.HistogramBuckets];
            counts[0] = 9;
            counts[bucket]++;
            _batch.AddHistogram(feed.Index(name), counts);
        }

        foreach (var (name, value) in samples)
            _batch.Add(feed.Index(name), value);
        var part = millis == feed.Millis ? feed.Part + 1 : 0;
        feed.Part = part;
        feed.Millis = millis;
        _batch.Seal(stream, feed.Sequence++, part, millis, Now, feed.Catalog);
        Fold.OnBatch(_batch, Now);
    }

    /// <summary>A message that the queue dropped on its way.</summary>
    public void Lose(long stream, long millis)
    {
        var feed = _feeds[stream];
        feed.Part = millis == feed.Millis ? feed.Part + 1 : 0;
        feed.Millis = millis;
        feed.Sequence++;
    }

    public long Sum(string cluster, Stat stat, int blocks = 1) => Fold.Window(cluster, stat, blocks).Sum;

    private sealed class Feed
    {
        private readonly Dictionary<string, int> _indexes = [];

        public SeriesCatalog Catalog { get; } = new();

        public long Sequence { get; set; }

        public long Millis { get; set; } = -1;

        public int Part { get; set; }

        public int Index(string name)
        {
            if (_indexes.TryGetValue(name, out var index))
                return index;
            var bytes = Encoding.UTF8.GetBytes(name);
            if (!StatName.TryParse(bytes, out var parsed))
                throw new ArgumentException($"{name} is of no interest", nameof(name));
            var scope = name.Substring(parsed.NameStart, parsed.NameLength);
            index = Catalog.Append(
                new SeriesEntry(name, new SeriesKey(parsed.Scope, scope, parsed.Stat), parsed.Ambiguous));
            _indexes.Add(name, index);
            return index;
        }
    }
}
