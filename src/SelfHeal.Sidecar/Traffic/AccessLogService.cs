using System.Diagnostics.Metrics;
using Envoy.Service.Accesslog.V3;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Control;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Xds.AccessLogs;

namespace SelfHeal.Sidecar.Traffic;

/// <summary>
/// <c>envoy.service.accesslog.v3.AccessLogService</c>: access logs are counted as they arrive, and only the counts go
/// on.
/// </summary>
internal sealed partial class AccessLogService
{
    // Envoy sends a message at 16 KiB by default (buffer_size_bytes) and at least every second.
    private const int MessageBytesMax = 4 * 1024 * 1024;

    private readonly int _streamsMax;
    private readonly ControlInbox _inbox;
    private readonly ILogger<AccessLogService> _logger;
    private readonly Counter<long> _messages;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _skipped;
    private long _lastStream;
    private int _open;

    public AccessLogService(
        XdsOptions limits, ControlInbox inbox, IMeterFactory meters, ILogger<AccessLogService> logger)
    {
        _streamsMax = limits.MaxStreams;
        _inbox = inbox;
        _logger = logger;
        var meter = meters.Create("SelfHeal.Traffic");
        _messages = meter.CreateCounter<long>(
            "selfheal.access_logs.messages", description: "Access log messages read");
        _refused = meter.CreateCounter<long>(
            "selfheal.access_logs.refused",
            description: "Access log streams refused for their number or their content");
        _skipped = meter.CreateCounter<long>(
            "selfheal.access_logs.skipped",
            description: "Access log entries not counted: of TCP connections, or not of a request's end");
        meter.CreateObservableGauge(
            "selfheal.access_logs.streams", () => Volatile.Read(ref _open), description: "Open access log streams");
    }

    /// <summary>The service, to be mapped.</summary>
    public GrpcService Create() =>
        new GrpcService(
                "envoy.service.accesslog.v3.AccessLogService",
                new GrpcServiceOptions { MaxReceiveMessageBytes = MessageBytesMax })
            .ClientStreaming<StreamAccessLogsMessage, StreamAccessLogsResponse>(
                "StreamAccessLogs", StreamAccessLogsMessage.Parser, ServeAsync);

    private async ValueTask<StreamAccessLogsResponse> ServeAsync(
        GrpcRequestReader<StreamAccessLogsMessage> messages, GrpcCall call)
    {
        // Taken before it is compared, so that two streams at once cannot both have the last place.
        if (Interlocked.Increment(ref _open) > _streamsMax)
        {
            Interlocked.Decrement(ref _open);
            _refused.Add(1, Reason("TooManyStreams"));
            LogTooMany(_logger, call.Peer.Address, _streamsMax);
            throw new GrpcException(
                GrpcStatusCode.ResourceExhausted,
                $"{_streamsMax} access log streams are open, the limit (xds.max_streams)");
        }

        var stream = Interlocked.Increment(ref _lastStream);
        var reader = new AccessLogReader(stream);
        try
        {
            await foreach (var message in messages.ReadAllAsync(call.CancellationToken))
                Take(reader, message);
            return new StreamAccessLogsResponse();
        }
        catch (GrpcException error)
        {
            _refused.Add(1, Reason(error.Status.Code.ToString()));
            LogRefused(
                _logger, stream, reader.NodeId ?? call.Peer.Address, error.Status.Code, error.Status.Message);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _open);
            if (reader.NodeId is { } node)
                LogClosed(_logger, stream, node);
        }
    }

    private void Take(AccessLogReader reader, StreamAccessLogsMessage message)
    {
        var skipped = reader.Skipped;
        var batch = reader.OnMessage(message);
        if (reader.Error.Length > 0)
            throw new GrpcException(GrpcStatusCode.InvalidArgument, $"StreamAccessLogsMessage {reader.Error}");
        _messages.Add(1);
        if (reader.Skipped > skipped)
            _skipped.Add(reader.Skipped - skipped);
        if (batch is not null)
            _inbox.PostTelemetry(new ControlEvent.AccessLogged(batch), batch.Counts.Length);
    }

    private static KeyValuePair<string, object?> Reason(string reason) => new("reason", reason);
}
