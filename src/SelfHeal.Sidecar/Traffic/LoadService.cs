using System.Diagnostics.Metrics;
using Envoy.Service.LoadStats.V3;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Control;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Loads;

namespace SelfHeal.Sidecar.Traffic;

/// <summary>
/// <c>envoy.service.load_stats.v3.LoadReportingService</c>: asks every Envoy for the load of its clusters and passes
/// what it reports to the control thread.
/// </summary>
internal sealed partial class LoadService
{
    // A report names endpoints with load only: some 50 bytes each. Larger than this are those of no gateway.
    private const int MessageBytesMax = 16 * 1024 * 1024;

    private readonly LoadOptions _options;
    private readonly int _streamsMax;
    private readonly ServedBoard _board;
    private readonly ControlInbox _inbox;
    private readonly ILogger<LoadService> _logger;
    private readonly Counter<long> _reports;
    private readonly Counter<long> _refused;
    private long _lastStream;
    private int _open;

    public LoadService(
        XdsOptions limits,
        LoadOptions options,
        ServedBoard board,
        ControlInbox inbox,
        IMeterFactory meters,
        ILogger<LoadService> logger)
    {
        _streamsMax = limits.MaxStreams;
        _options = options;
        _board = board;
        _inbox = inbox;
        _logger = logger;
        var meter = meters.Create("SelfHeal.Traffic");
        _reports = meter.CreateCounter<long>("selfheal.loads.messages", description: "Load reports read");
        _refused = meter.CreateCounter<long>(
            "selfheal.loads.refused", description: "Load streams refused for their number or their content");
        meter.CreateObservableGauge(
            "selfheal.loads.streams", () => Volatile.Read(ref _open), description: "Open load streams");
    }

    /// <summary>The service, to be mapped.</summary>
    public GrpcService Create() =>
        new GrpcService(
                "envoy.service.load_stats.v3.LoadReportingService",
                new GrpcServiceOptions { MaxReceiveMessageBytes = MessageBytesMax })
            .Duplex<LoadStatsRequest, LoadStatsResponse>("StreamLoadStats", LoadStatsRequest.Parser, ServeAsync);

    private async Task ServeAsync(
        GrpcRequestReader<LoadStatsRequest> requests, GrpcResponseWriter<LoadStatsResponse> responses, GrpcCall call)
    {
        // Taken before it is compared, so that two streams at once cannot both have the last place.
        if (Interlocked.Increment(ref _open) > _streamsMax)
        {
            Interlocked.Decrement(ref _open);
            _refused.Add(1, Reason("TooManyStreams"));
            LogTooMany(_logger, call.Peer.Address, _streamsMax);
            throw new GrpcException(
                GrpcStatusCode.ResourceExhausted, $"{_streamsMax} load streams are open, the limit (xds.max_streams)");
        }

        var id = Interlocked.Increment(ref _lastStream);
        var session = new LoadStatsSession(new LoadStatsOptions
        {
            Stream = id,
            Interval = _options.ReportInterval,
            RowsMax = _options.MaxRows,
        });
        var isOpen = false;
        var pump = new LoadPump(_board, session, requests, responses, report =>
        {
            if (!isOpen && session.NodeId is { } node)
            {
                isOpen = true;
                _inbox.Post(new ControlEvent.LoadStreamOpened(id, node, session.Absence));
                LogOpened(_logger, id, node, session.Absence);
            }

            if (report is null)
                return;
            _reports.Add(1);
            _inbox.PostTelemetry(new ControlEvent.LoadReported(report), report.Rows);
        });
        try
        {
            await pump.RunAsync(call.CancellationToken);
        }
        catch (GrpcException error) when (session.End is not null)
        {
            _refused.Add(1, Reason(error.Status.Code.ToString()));
            LogRefused(_logger, id, session.NodeId ?? call.Peer.Address, error.Status.Message);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _open);
            if (isOpen)
            {
                _inbox.Post(new ControlEvent.LoadStreamClosed(id));
                LogClosed(_logger, id, session.NodeId ?? "");
            }
        }
    }

    private static KeyValuePair<string, object?> Reason(string reason) => new("reason", reason);
}
