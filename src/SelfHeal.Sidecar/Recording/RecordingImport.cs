using System.Buffers;
using System.Globalization;
using SelfHeal.Core.Control;
using SelfHeal.Core.Recording;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;
using SelfHeal.Xds.Stats;

namespace SelfHeal.Sidecar.Recording;

/// <summary>
/// Makes a recording from the messages of one stats stream, as somebody else kept them: they go through the reader that
/// <c>serve</c> has, and the steps come every 50 ms of the time at which they arrived.
/// </summary>
internal sealed class RecordingImport : IFlushSink, IDisposable
{
    /// <summary>How far apart two arrivals may be: a longer pause is two recordings, or a wrong number.</summary>
    public static readonly TimeSpan PauseMax = TimeSpan.FromHours(24);

    private const long TickNanos = 50_000_000;
    private const int ChunkLength = 1024 * 1024;
    private const long ChunkNanos = 60 * ControlTime.NanosPerSecond;
    private const int ChunksPerKey = 16;
    private const long Stream = 1;

    private readonly RecordingFile _file;
    private readonly ImportOptions _options;
    private readonly FlushBatchPool _pool = new();
    private readonly MetricsStreamReader _reader;
    private readonly MetricsStreamOptions _limits;
    private readonly StepEncoder _encoder = new();
    private readonly RecordedChunk _chunk = new();
    private readonly List<ControlEvent> _inbox = [];
    private readonly SortedSet<string> _clusters = new(StringComparer.Ordinal);
    private long _arrival = -1;
    private long _tick = -1;
    private long _chunks;
    private int _seriesSeen;

    /// <summary>Begins a recording.</summary>
    /// <param name="path">The file to make; nothing must be there.</param>
    /// <param name="options">What the frames do not say.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be made.</exception>
    public RecordingImport(string path, ImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _limits = new MetricsStreamOptions { SeriesMax = options.SeriesMax };
        _reader = new MetricsStreamReader(Stream, _limits, _pool, this);
        _file = RecordingFile.Create(path);
    }

    /// <summary>Messages taken.</summary>
    public long Messages { get; private set; }

    /// <summary>Samples kept.</summary>
    public long Samples { get; private set; }

    /// <summary>Bytes of the recording so far.</summary>
    public long Length => _file.Length;

    /// <summary>Takes the next message.</summary>
    /// <param name="arrivalNanos">When it came, in nanoseconds of Unix time if the wall clock is to be right.</param>
    /// <param name="message">A <c>StreamMetricsMessage</c>.</param>
    /// <returns>What was expected instead; null where nothing is wrong.</returns>
    public string? Add(ulong arrivalNanos, ReadOnlySequence<byte> message)
    {
        if (arrivalNanos > long.MaxValue / 2)
            return "an arrival in nanoseconds, before the year 2116";
        var arrival = (long)arrivalNanos;
        if (_tick < 0)
            Begin(arrival);
        else if (arrival < _arrival)
            return string.Create(CultureInfo.InvariantCulture,
                $"an arrival not before that of the message before, {_arrival}; this one is {arrival}");
        else if (arrival - _arrival > PauseMax.Ticks * 100)
            return string.Create(CultureInfo.InvariantCulture,
                $"an arrival at most {PauseMax.TotalHours} h after that of the message before");
        StepTo(arrival);
        _arrival = arrival;
        if (Messages == 0 && _options.Node is { } node && !Feed(Identifier(node), At(arrival)))
            return Describe();
        if (!Feed(message, At(arrival)))
            return Describe();
        Messages++;
        return null;
    }

    /// <summary>Ends the recording: the last flush is followed by quiet steps, so that it is folded.</summary>
    public void Complete()
    {
        _reader.OnClosed();
        if (_tick >= 0)
        {
            StepTo(_arrival + ControlTime.NanosPerSecond);
            Write();
        }

        _file.Complete();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <inheritdoc/>
    void IFlushSink.StreamOpened(long stream, string node, string nodeCluster, ControlTime now) =>
        _inbox.Add(new ControlEvent.StatsStreamOpened(stream, node, nodeCluster));

    /// <inheritdoc/>
    void IFlushSink.Post(FlushBatch batch)
    {
        Samples += batch.Count + batch.HistogramIndexes.Length;
        if (_options.Topology is null)
            FindClusters(batch);
        _inbox.Add(batch.Received);
    }

    private static ControlTime At(long nanos) =>
        new(nanos, DateTimeOffset.UnixEpoch.AddTicks(nanos / 100));

    /// <summary>{ identifier { node { id } } }, which a stream that was cut at its beginning lacks.</summary>
    private static ReadOnlySequence<byte> Identifier(string node)
    {
        var message = new Envoy.Service.Metrics.V3.StreamMetricsMessage
        {
            Identifier = new Envoy.Service.Metrics.V3.StreamMetricsMessage.Types.Identifier
            {
                Node = new Envoy.Config.Core.V3.Node { Id = node },
            },
        };
        return new ReadOnlySequence<byte>(Google.Protobuf.MessageExtensions.ToByteArray(message));
    }

    private bool Feed(ReadOnlySequence<byte> message, ControlTime now) =>
        message.Length <= _limits.MessageLengthMax
        && _reader.OnMessageStart((int)message.Length)
        && _reader.OnPart(message, end: true, now);

    private string Describe()
    {
        var error = _reader.Error;
        return error.IsNone
            ? $"a message of at most {_limits.MessageLengthMax} bytes"
            : string.Create(CultureInfo.InvariantCulture,
                $"a StreamMetricsMessage; at its byte {error.Offset}: {error.Code}");
    }

    private void Begin(long arrival)
    {
        _tick = arrival - (arrival % TickNanos);
        var first = At(_tick);
        _file.WriteStart(
            new RecordingStart
            {
                Origin = RecordingOrigin.Imported,
                Options = _options.Control,
                StartedNanos = first.MonotonicNanos,
                StartedAt = first.Wall,
                LedgerEntries = 0,
                IsContinuation = false,
            },
            first,
            []);
        if (_options.Topology is not { } topology)
            return;
        _inbox.Add(new ControlEvent.TopologyChanged(topology));

        // One proxy that holds what the source says: nobody kept its acknowledgements.
        foreach (var route in topology.Splits.Select(static s => s.RouteConfiguration).Distinct(StringComparer.Ordinal))
            _inbox.Add(new ControlEvent.RouteHeld(route, 1, 1, "imported", "imported", []));
    }

    /// <summary>Runs the steps before <paramref name="nanos"/>; what came since the last one is in the first.
    /// </summary>
    private void StepTo(long nanos)
    {
        while (_tick + TickNanos < nanos)
        {
            _tick += TickNanos;
            var now = At(_tick);
            if (_encoder.Chunk is null)
                _encoder.Begin(_chunk, now, isKey: _chunks++ % ChunksPerKey == 0);
            _encoder.Add(now, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_inbox), []);
            foreach (var happened in _inbox)
            {
                if (happened is ControlEvent.StatsReceived received)
                    _pool.Return(received.Batch);
            }

            _inbox.Clear();
            if (_chunk.Buffer.Length >= ChunkLength || now.MonotonicNanos - _chunk.First.MonotonicNanos >= ChunkNanos)
                Write();
        }
    }

    private void Write()
    {
        if (_encoder.Chunk is not null)
            _file.Write(_encoder.End());
    }

    /// <summary>Without a configuration, names say what they say: Istio's declare versions, any other is a service of
    /// its own.</summary>
    private void FindClusters(FlushBatch batch)
    {
        var before = _clusters.Count;
        for (; _seriesSeen < batch.SeriesCount; _seriesSeen++)
        {
            var entry = batch.Catalog[_seriesSeen];
            if (entry.Key.Scope == StatScope.Cluster && !entry.Ambiguous)
                _clusters.Add(entry.Key.Name);
        }

        if (_clusters.Count > before)
            _inbox.Add(new ControlEvent.TopologyChanged(GatewayTopology.FromNames(_clusters)));
    }
}
