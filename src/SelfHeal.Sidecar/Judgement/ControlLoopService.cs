using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Control;
using SelfHeal.Core.Records;
using SelfHeal.Core.Time;
using SelfHeal.Ledger;
using SelfHeal.Sidecar.Baselines;
using SelfHeal.Sidecar.Recording;
using SelfHeal.Sidecar.Xds;

namespace SelfHeal.Sidecar.Judgement;

/// <summary>
/// Runs the control loop at its own pace and executes its effects in order: an effect begins when the one before is
/// done, and a change is only ever asked for after its entry was durable.
/// </summary>
internal sealed partial class ControlLoopService : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private static readonly double[] VerdictBounds =
        [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 1, 2.5, 5];

    // The loop emits a handful of effects per incident; a thousand waiting means that the disk hangs, and then the loop
    // waits with it: nothing may be decided that cannot be written down.
    private const int EffectLimit = 1024;

    // Under the time that an operator would call a hiccup; longer than any checkpoint of SQLite.
    private const int AppendAttempts = 5;
    private static readonly TimeSpan AppendPause = TimeSpan.FromMilliseconds(200);

    private readonly Restored _restored;
    private readonly ControlInbox _inbox;
    private readonly ControlClock _clock;
    private readonly IConfiguration _configuration;
    private readonly IncidentBoard _board;
    private readonly BaselineService _baselines;
    private readonly ControlQueries _queries;
    private readonly TimeProvider _time;
    private readonly ILogger<ControlLoopService> _logger;
    private readonly StepRecorder? _recorder;
    private readonly Counter<long> _appended;
    private readonly Counter<long> _pages;
    private readonly Counter<long> _suspicions;
    private readonly Histogram<double> _flushToVerdict;
    private readonly Channel<ControlEffect> _effects = Channel.CreateBounded<ControlEffect>(EffectLimit);

    public ControlLoopService(
        Restored restored,
        ControlInbox inbox,
        ControlClock clock,
        IConfiguration configuration,
        IncidentBoard board,
        BaselineService baselines,
        ControlQueries queries,
        TimeProvider time,
        IMeterFactory meters,
        ILogger<ControlLoopService> logger,
        StepRecorder? recorder = null)
    {
        _restored = restored;
        _inbox = inbox;
        _clock = clock;
        _configuration = configuration;
        _board = board;
        _baselines = baselines;
        _queries = queries;
        _time = time;
        _logger = logger;
        _recorder = recorder;
        var meter = meters.Create("SelfHeal.Judgement");
        _appended = meter.CreateCounter<long>("selfheal.ledger.entries", description: "Ledger entries appended");
        _pages = meter.CreateCounter<long>("selfheal.pages", description: "Times that a human was asked");
        _suspicions = meter.CreateCounter<long>(
            "selfheal.suspicions", description: "Times that a service began to look wrong without being sure");
        _flushToVerdict = meters.Create("SelfHeal.Stats").CreateHistogram(
            "selfheal.stats.flush_to_verdict",
            "s",
            "Time from the last byte of a stats flush to the end of the step that judged it",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = VerdictBounds });
        meter.CreateObservableGauge(
            "selfheal.judgement.attended", () => IsAttended ? 1 : 0, description: "1 while the control loop runs");
    }

    /// <summary>Whether the loop runs.</summary>
    public bool IsAttended { get; private set; }

    /// <summary>Why it does not; empty while it runs.</summary>
    public string Failure { get; private set; } = "";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // One half without the other would decide without hands, or wait for decisions for ever.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var stepping = StepAsync(stop.Token);
        var executing = ExecuteEffectsAsync(stop.Token);
        IsAttended = true;
        var ended = await Task.WhenAny(stepping, executing);
        IsAttended = false;
        _inbox.Close();
        _queries.Close();
        await stop.CancelAsync();
        try
        {
            await ended;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Told below, when it is true of both halves.
        }
        catch (Exception error)
        {
            // The relay goes on: overlays stay as they are, nothing new is written, /readyz says unattended.
            Failure = error.Message;
            LogFailed(_logger, error);
        }

        // The other half ends before this does: an entry that is being written is answered first.
        await Task.WhenAny(Task.WhenAll(stepping, executing));
        LogStopped(_logger);
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StepUntilStoppedAsync(cancellationToken);
        }
        finally
        {
            // However it ended: there is no step after this one.
            _recorder?.Complete();
        }
    }

    private async Task StepUntilStoppedAsync(CancellationToken cancellationToken)
    {
        var inbox = new List<ControlEvent>();
        var outbox = new List<ControlEffect>();
        using var timer = new PeriodicTimer(Tick, _time);
        while (true)
        {
            await _inbox.WaitAsync(timer, cancellationToken);
            _inbox.Drain(inbox);
            var now = _clock.Now;
            Step(now, CollectionsMarshal.AsSpan(inbox), outbox);
            TellVerdictTimes();
            _queries.Answer(_restored.Loop, now);
            foreach (var happened in inbox)
            {
                if (happened is ControlEvent.StatsReceived received)
                    _inbox.Pool.Return(received.Batch);
            }

            foreach (var effect in outbox)
            {
                // A withdrawal needs nothing that is still in line: its entry is durable, or a proxy has rejected the
                // change and its return may not wait for a disk.
                if (effect is ControlEffect.WithdrawOverlay withdraw)
                    await _configuration.Commands.WithdrawAsync(withdraw.OverlayId, cancellationToken);
                else if (effect is ControlEffect.StoreBaselines or ControlEffect.ReadBaselines)
                    _baselines.Post(effect);
                else
                    await _effects.Writer.WriteAsync(effect, cancellationToken);
            }

            outbox.Clear();
        }
    }

    private void TellVerdictTimes()
    {
        // Hot path: allocation-free.
        var arrivals = _restored.Loop.JudgedArrivals;
        if (arrivals.Count == 0)
            return;
        var judged = _clock.Now.MonotonicNanos;
        for (var i = 0; i < arrivals.Count; i++)
            _flushToVerdict.Record((judged - arrivals[i]) / (double)ControlTime.NanosPerSecond);
    }

    private void Step(ControlTime now, ReadOnlySpan<ControlEvent> inbox, List<ControlEffect> outbox)
    {
        try
        {
            _restored.Loop.Step(now, inbox, outbox);
        }
        finally
        {
            // The step that broke the loop is the one that a replay is wanted for.
            _recorder?.OnStep(now, inbox, outbox);
        }
    }

    private async Task ExecuteEffectsAsync(CancellationToken cancellationToken)
    {
        await foreach (var effect in _effects.Reader.ReadAllAsync(cancellationToken))
        {
            switch (effect)
            {
                case ControlEffect.AppendRecord append:
                    await AppendAsync(append.Record, cancellationToken);
                    break;
                case ControlEffect.ApplyOverlay apply:
                    await _configuration.Commands.ApplyAsync(apply.Overlay, cancellationToken);
                    break;
                case ControlEffect.Page page:
                    _pages.Add(1);
                    LogPage(_logger, page.IncidentId, page.Text);
                    break;
                case ControlEffect.Suspect suspect:
                    _suspicions.Add(1);
                    LogSuspect(_logger, suspect.Service, suspect.Text);
                    break;
                case ControlEffect.Report { Progress: var progress }:
                    _board.Report(progress);
                    LogProgress(_logger, progress.IncidentId, progress.Service, progress.Event, progress.Text);
                    break;
            }
        }
    }

    private async Task AppendAsync(LedgerRecord record, CancellationToken cancellationToken)
    {
        var head = _restored.Store.Head;
        if (head.Sequence + 1 != record.Sequence)
        {
            _inbox.Post(new ControlEvent.RecordRefused(
                record.Sequence, $"the ledger ends at entry {head.Sequence}: the entry before was refused"));
            return;
        }

        var append = new LedgerAppend(record.Type.ToString(), record.IncidentId, RecordJson.Write(record), head);
        switch (await AppendAsync(append, cancellationToken))
        {
            case AppendResult.Appended appended:
                _appended.Add(1);
                _board.Add(record);
                _inbox.Post(new ControlEvent.RecordAppended(appended.Sequence, appended.LeafHash.ToString()));
                break;
            case AppendResult.Refused refused:
                LogAppendRefused(_logger, record.Sequence, refused.Detail);
                _inbox.Post(new ControlEvent.RecordRefused(record.Sequence, refused.Detail));
                break;
        }
    }

    /// <summary>A disk that is busy for a moment is asked again; what it says then counts.</summary>
    private async Task<AppendResult> AppendAsync(LedgerAppend append, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = await _restored.Store.AppendAsync(append, cancellationToken);
            if (attempt == AppendAttempts
                || result is not AppendResult.Refused { Reason: AppendRefusal.Busy or AppendRefusal.Overloaded })
                return result;
            await Task.Delay(AppendPause, _time, cancellationToken);
        }
    }
}
