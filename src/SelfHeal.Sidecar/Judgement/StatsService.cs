using System.Buffers;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Control;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;
using SelfHeal.Xds.Stats;

namespace SelfHeal.Sidecar.Judgement;

/// <summary><c>envoy.service.metrics.v3.MetricsService</c>: stats go to the control thread as they arrive.</summary>
internal sealed partial class StatsService
{
    private readonly MetricsStreamOptions _options;
    private readonly int _streamsMax;
    private readonly SeriesDirectory _directory;
    private readonly ControlInbox _inbox;
    private readonly ControlClock _clock;
    private readonly ILogger<StatsService> _logger;
    private readonly Counter<long> _messages;
    private readonly Counter<long> _refused;
    private long _lastStream;
    private int _open;

    public StatsService(
        XdsOptions limits,
        DetectionOptions options,
        ControlInbox inbox,
        ControlClock clock,
        IMeterFactory meters,
        ILogger<StatsService> logger,
        SeriesDirectory? directory = null)
    {
        _directory = directory ?? new SeriesDirectory();
        _streamsMax = limits.MaxStreams;
        _options = new MetricsStreamOptions { SeriesMax = options.MaxSeriesPerStream };
        _inbox = inbox;
        _clock = clock;
        _logger = logger;
        var meter = meters.Create("SelfHeal.Stats");
        _messages = meter.CreateCounter<long>("selfheal.stats.messages", description: "Stats messages read");
        meter.CreateObservableUpDownCounter(
            "selfheal.stats.names", () => (long)_directory.Count, description: "Names that open stats streams use");
        meter.CreateObservableUpDownCounter(
            "selfheal.stats.name_bytes", () => _directory.Bytes, "By", "Memory that these names take");
        meter.CreateObservableCounter(
            "selfheal.stats.refused_names",
            () => _directory.Refused,
            description: "Names refused because the directory of names is full");
        _refused = meter.CreateCounter<long>(
            "selfheal.stats.refused", description: "Stats streams refused for their number or their content");
    }

    /// <summary>The service, to be mapped.</summary>
    public GrpcService Create() => new GrpcService("envoy.service.metrics.v3.MetricsService").Raw(
        "StreamMetrics",
        call => Admit(call.Peer.Address),
        new GrpcServiceOptions { MaxReceiveMessageBytes = _options.MessageLengthMax });

    /// <summary>A handler, whose end frees its place again.</summary>
    private Handler Admit(string peer)
    {
        // Taken before it is compared, so that two streams at once cannot both have the last place.
        if (Interlocked.Increment(ref _open) > _streamsMax)
        {
            Interlocked.Decrement(ref _open);
            _refused.Add(1, new KeyValuePair<string, object?>("reason", "TooManyStreams"));
            LogTooMany(_logger, peer, _streamsMax);
            throw new GrpcException(
                GrpcStatusCode.ResourceExhausted,
                $"{_streamsMax} stats streams are open, the limit (xds.max_streams)");
        }

        return new Handler(this, Interlocked.Increment(ref _lastStream), peer);
    }

    private sealed class Handler : IGrpcRawHandler
    {
        private readonly StatsService _service;
        private readonly MetricsStreamReader _reader;
        private readonly string _peer;
        private bool _started;

        public Handler(StatsService service, long stream, string peer)
        {
            _service = service;
            _peer = peer;
            _reader = new MetricsStreamReader(
                stream, service._options, service._inbox.Pool, service._inbox, service._directory);
        }

        // Hot path: allocation-free.
        public void OnMessageStart(int length) => _started = _reader.OnMessageStart(length);

        public GrpcStatus? OnPart(ReadOnlySequence<byte> part, bool end)
        {
            if (!_started || !_reader.OnPart(part, end, _service._clock.Now))
                return Refuse();
            if (end)
                _service._messages.Add(1);
            return null;
        }

        public ReadOnlyMemory<byte> Complete() => default; // StreamMetricsResponse has no fields.

        public void OnEnd(GrpcStatus status)
        {
            Interlocked.Decrement(ref _service._open);
            _reader.OnClosed();
            if (_reader.Node is not null)
                _service._inbox.Post(new ControlEvent.StatsStreamClosed(_reader.Stream));
            LogClosed(_service._logger, _reader.Stream, _reader.Node ?? _peer, status.Code);
        }

        private GrpcStatus Refuse()
        {
            var error = _reader.Error;
            _service._refused.Add(1, new KeyValuePair<string, object?>("reason", error.Code.ToString()));
            var text = $"StreamMetricsMessage {error.Message}, byte {error.Offset}: {error.Code}";
            LogRefused(_service._logger, _reader.Stream, _reader.Node ?? _peer, text);
            return new GrpcStatus(GrpcStatusCode.InvalidArgument, text);
        }
    }
}
