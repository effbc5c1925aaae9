using System.Buffers;
using System.Net;
using Envoy.Service.Metrics.V3;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using SelfHeal.Benchmarks.Streams;
using SelfHeal.Grpc;

namespace SelfHeal.Benchmarks.Recording;

/// <summary>A stats server that keeps the first stream's messages as they came.</summary>
internal sealed class FrameRecorder : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly WebApplication _server;
    private readonly Lock _lock = new();
    private readonly List<StreamFrame> _frames = [];
    private readonly List<long> _flushMillis = [];
    private int _streams;

    public FrameRecorder(int port, TimeProvider time)
    {
        _time = time;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureGrpcLimits().ListenGrpc(
            new GrpcEndpointOptions { Address = new IPEndPoint(IPAddress.Loopback, port) }));
        _server = builder.Build();
        _server.MapGrpc(new GrpcService("envoy.service.metrics.v3.MetricsService").Raw(
            "StreamMetrics",
            _ => Interlocked.Increment(ref _streams) == 1
                ? new Handler(this)
                : throw new GrpcException(GrpcStatusCode.ResourceExhausted, "one stream is recorded"),
            new GrpcServiceOptions { MaxReceiveMessageBytes = 64 * 1024 * 1024 }));
    }

    /// <summary>Flushes of which at least a part has come.</summary>
    public int Flushes
    {
        get
        {
            lock (_lock)
                return _flushMillis.Count;
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => _server.StartAsync(cancellationToken);

    /// <summary>The frames of the first flushes.</summary>
    /// <param name="flushes">How many; all of them must have come whole, so one more must have begun.</param>
    public IReadOnlyList<StreamFrame> Take(int flushes)
    {
        lock (_lock)
        {
            if (_flushMillis.Count <= flushes)
                throw new InvalidOperationException($"{_flushMillis.Count} flushes have begun, expected {flushes + 1}");
            var end = _flushMillis[flushes];
            return [.. _frames.TakeWhile(frame => MillisOf(frame.Message) != end)];
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static long MillisOf(byte[] message)
    {
        var families = StreamMetricsMessage.Parser.ParseFrom(message).EnvoyMetrics;
        return families.Count > 0 ? families[0].Metric[0].TimestampMs : 0;
    }

    private void Add(byte[] message)
    {
        var at = _time.GetUtcNow() - DateTimeOffset.UnixEpoch;
        var millis = MillisOf(message);
        lock (_lock)
        {
            _frames.Add(new StreamFrame((ulong)at.Ticks * 100, message));
            if (millis != 0 && (_flushMillis.Count == 0 || _flushMillis[^1] != millis))
                _flushMillis.Add(millis);
        }
    }

    private sealed class Handler(FrameRecorder recorder) : IGrpcRawHandler
    {
        private byte[] _message = [];
        private int _length;

        public void OnMessageStart(int length)
        {
            _message = new byte[length];
            _length = 0;
        }

        public GrpcStatus? OnPart(ReadOnlySequence<byte> part, bool end)
        {
            part.CopyTo(_message.AsSpan(_length));
            _length += (int)part.Length;
            if (end)
                recorder.Add(_message);
            return null;
        }

        public ReadOnlyMemory<byte> Complete() => default;

        public void OnEnd(GrpcStatus status)
        {
            // What came until then is what is kept.
        }
    }
}
