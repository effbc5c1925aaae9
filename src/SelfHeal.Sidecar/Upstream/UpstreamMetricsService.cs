using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Control;
using SelfHeal.Core.Upstream;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;

namespace SelfHeal.Sidecar.Upstream;

/// <summary>
/// Reads the upstream's metrics at every interval, and tells the judgement what happened since the time before. The
/// judgement decides nothing by this alone, and without it goes on as if there were no such metrics.
/// </summary>
internal sealed partial class UpstreamMetricsService : BackgroundService
{
    private readonly UpstreamMetricsOptions _options;
    private readonly ControlInbox _inbox;
    private readonly TimeProvider _time;
    private readonly ILogger<UpstreamMetricsService> _logger;
    private readonly UpstreamMetricsClient _client;
    private readonly Counter<long> _reads;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _restarts;
    private UpstreamReading? _before;
    private UpstreamFailure? _failure;
    private bool _isTold;
    private long _readAt;
    private volatile bool _hasRead;

    /// <summary>A service that has asked nothing yet.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="options">Where the metrics are and how often they are read.</param>
    /// <param name="inbox">Where reports go.</param>
    /// <param name="meters">The host's factory.</param>
    /// <param name="logger">Where changes are told.</param>
    public UpstreamMetricsService(
        TimeProvider time,
        UpstreamMetricsOptions options,
        ControlInbox inbox,
        IMeterFactory meters,
        ILogger<UpstreamMetricsService> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(meters);
        _time = time;
        _options = options;
        _inbox = inbox;
        _logger = logger;
        _client = new UpstreamMetricsClient(options);
        var meter = meters.Create("SelfHeal.Upstream");
        _reads = meter.CreateCounter<long>(
            "selfheal.upstream.metrics_reads", description: "Times that the upstream's metrics were asked for");
        _failures = meter.CreateCounter<long>(
            "selfheal.upstream.metrics_failures",
            description: "Times that the upstream's metrics could not be had or not be read");
        _restarts = meter.CreateCounter<long>(
            "selfheal.upstream.metrics_restarts",
            description: "Times that the upstream's counters began anew: it was restarted, or another one answered");
        meter.CreateObservableGauge(
            "selfheal.upstream.metrics_age", ObserveAge, "s", "Time since the upstream's metrics were read last");
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.Interval, _time);
        do
            await ReadAsync(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ReadAsync(CancellationToken stoppingToken)
    {
        _reads.Add(1);
        var (reading, failure) = await AskAsync(stoppingToken);
        Tell(failure);
        if (reading is null)
        {
            var answer = failure?.Answer ?? UpstreamAnswer.Unreachable;
            _failures.Add(1, new KeyValuePair<string, object?>("answer", answer.ToString().ToLowerInvariant()));
            _inbox.Post(new ControlEvent.UpstreamReported(UpstreamReport.Without(answer)));
        }
        else
        {
            Report(reading);
        }
    }

    /// <summary>Asks with an end: what takes longer than the interval would be late for the next time.</summary>
    private async Task<(UpstreamReading? Reading, UpstreamFailure? Failure)> AskAsync(CancellationToken stoppingToken)
    {
        using var late = new CancellationTokenSource(_options.Interval, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, late.Token);
        try
        {
            return await _client.ReadAsync(stop.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return (null, new UpstreamFailure(
                UpstreamAnswer.Unreachable, $"no answer within {_options.Interval.TotalSeconds} s"));
        }
    }

    private void Report(UpstreamReading reading)
    {
        var now = _time.GetTimestamp();
        if (_before is not null && reading.IsOfAnotherProcess(_before))
        {
            _restarts.Add(1);
            _before = null;
        }

        var report = reading.Since(_before, _time.GetElapsedTime(Interlocked.Read(ref _readAt), now));
        _before = reading;
        Interlocked.Exchange(ref _readAt, now);
        _hasRead = true;
        _inbox.Post(new ControlEvent.UpstreamReported(report));
    }

    /// <summary>Once per change: the same failure at the next interval is no news.</summary>
    private void Tell(UpstreamFailure? failure)
    {
        if (failure is null && (_failure is not null || !_isTold))
            LogRead(_logger, _options.Address);
        else if (failure is not null && failure.Reason != _failure?.Reason)
            LogFailed(_logger, _options.Address, failure.ToString());
        _isTold = true;
        _failure = failure;
    }

    private IEnumerable<Measurement<double>> ObserveAge() =>
        _hasRead ? [new(_time.GetElapsedTime(Interlocked.Read(ref _readAt)).TotalSeconds)] : [];
}
