using System.Collections.Immutable;
using SelfHeal.Core.AccessLogs;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Diagnosis;
using SelfHeal.Core.Loads;
using SelfHeal.Core.Records;
using SelfHeal.Core.Remediation;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;
using SelfHeal.Core.Upstream;

namespace SelfHeal.Core.Control;

/// <summary>
/// The judgement: events in, effects out. Synchronous and single-threaded; it never waits, never logs and asks no
/// clock, so the same inbox gives the same records, byte for byte.
/// </summary>
public sealed class ControlLoop
{
    // A fleet of a thousand proxies delivers every few milliseconds; a tenth of a second later is soon enough.
    private static readonly TimeSpan OpenPause = TimeSpan.FromMilliseconds(100);

    private readonly TelemetryFold _fold;
    private readonly Detector _detector;
    private readonly DriftTable _drift = new();
    private readonly UpstreamWindow _upstream = new();
    private readonly Remediator _remediator;
    private GatewayTopology _topology = GatewayTopology.Empty;
    private ImmutableArray<ServiceScope> _services = [];
    private readonly List<long> _judgedArrivals = [];
    private long _openVersion;
    private ControlTime _openSeen;

    /// <summary>A loop that takes up where the ledger ends.</summary>
    /// <param name="options">What it is told once.</param>
    /// <param name="ledger">Every entry of the ledger, in order; empty for a new one.</param>
    /// <param name="now">The time of the start.</param>
    /// <exception cref="InvariantException">The ledger tells an impossible story.</exception>
    public ControlLoop(ControlLoopOptions options, IReadOnlyList<LedgerRecord> ledger, ControlTime now)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(ledger);
        _fold = new TelemetryFold(options.Telemetry);
        _detector = new Detector(options.Detection);
        _remediator = new Remediator(options, _fold, _detector);
        _remediator.Restore(ledger, now);
        Loads = new LoadTable(options.Loads, now);
        AccessLogs = new AccessLogTable(options.AccessLogs);
    }

    /// <summary>The changes that the ledger says are in force: they must be in the first response that any proxy gets.
    /// </summary>
    public IReadOnlyList<WeightOverlay> OverlaysInForce => [.. _remediator.InForce];

    /// <summary>When the last bytes came of the flushes that the last step was the first to judge, in monotonic
    /// nanoseconds.</summary>
    public IReadOnlyList<long> JudgedArrivals => _judgedArrivals;

    /// <summary>What the telemetry fold counted.</summary>
    public TelemetryCounters Telemetry => _fold.Counters;

    /// <summary>
    /// How many requests clusters carried in the blocks after one; read it between steps only. What is older than the
    /// fold keeps is not counted.
    /// </summary>
    /// <param name="clusters">Names of clusters; one that no proxy has told of carried none.</param>
    /// <param name="after">The last block that was counted; -1 for none.</param>
    /// <returns>The requests, and the newest block among those counted.</returns>
    public (long Requests, long Newest) CountRequests(IEnumerable<string> clusters, long after)
    {
        ArgumentNullException.ThrowIfNull(clusters);
        var newest = _fold.ClosedSequence;
        var blocks = (int)Math.Min(newest - after, _fold.BlockCapacity);
        if (blocks < 1)
            return (0, newest);
        return (clusters.Sum(cluster => _fold.Window(cluster, Stat.UpstreamRqTotal, blocks).Sum), newest);
    }

    /// <summary>What proxies report of their upstreams' load; read it between steps only.</summary>
    public LoadTable Loads { get; }

    /// <summary>How requests ended, by upstream host and route; read it between steps only.</summary>
    public AccessLogTable AccessLogs { get; }

    /// <summary>Runs one step.</summary>
    /// <param name="now">The time of the step; never before that of the step before.</param>
    /// <param name="inbox">What happened since, in order.</param>
    /// <param name="outbox">Effects are added here, to be executed in order.</param>
    /// <exception cref="InvariantException">The state cannot be trusted any more: decide nothing further, leave
    /// overlays as they are.</exception>
    public void Step(ControlTime now, ReadOnlySpan<ControlEvent> inbox, List<ControlEffect> outbox)
    {
        ArgumentNullException.ThrowIfNull(outbox);
        _remediator.Begin(outbox);
        foreach (var happened in inbox)
            Take(happened, now);
        _fold.OnTick(now);
        // Hot path: allocation-free until a block was closed.
        _judgedArrivals.Clear();
        if (_detector.OnBlocks(_fold, _topology) || IsClosedEarly(now))
        {
            _fold.TakeArrivals(withOpen: false, _judgedArrivals);
            foreach (var service in _services)
                OnBlock(service, now);
            _detector.Freeze(ScopesInTrouble());
            PostBaselines(outbox);
        }

        _remediator.OnTick(now);
    }

    /// <summary>Where nothing is suspect and nothing is open there is no evidence to gather, and most services are in
    /// that state most of the time.</summary>
    private void OnBlock(ServiceScope service, ControlTime now)
    {
        if (_remediator.IsOpen(service.Service) || IsAnythingSuspect(service))
            _remediator.OnBlock(service, Collect(service, now), now);
        else
            _remediator.OnQuiet(service);
    }

    private ServiceEvidence Collect(ServiceScope service, ControlTime now) =>
        EvidenceCollector.Collect(service, _fold, _detector, now, _drift.Count, _upstream);

    private bool IsAnythingSuspect(ServiceScope service)
    {
        foreach (var version in service.Versions)
        {
            if (_detector.IsAnythingSuspect(_fold.FindCluster(version.Cluster)))
                return true;
        }

        return false;
    }

    /// <summary>
    /// With several proxies a block waits for the last of them. One that is a breach already is closed at once; looking
    /// at it while it fills is not dearer than that.
    /// </summary>
    private bool IsClosedEarly(ControlTime now)
    {
        if (_fold.OpenVersion == _openVersion || now.Since(_openSeen) < OpenPause)
            return false;
        _openVersion = _fold.OpenVersion;
        _openSeen = now;
        var isInBreach = _fold.OpenDelivered > 0 && _detector.IsOpenInBreach(_fold);
        _fold.TakeArrivals(withOpen: true, _judgedArrivals);
        return isInBreach && _fold.CloseEarly(now) && _detector.OnBlocks(_fold, _topology);
    }

    /// <summary>Clusters of services with an open incident: what they do now is not normal.</summary>
    private IEnumerable<int> ScopesInTrouble()
    {
        if (!_remediator.IsAnythingOpen)
            return [];
        return _services
            .Where(service => _remediator.IsOpen(service.Service))
            .SelectMany(static service => service.Versions)
            .Select(version => _fold.FindCluster(version.Cluster))
            .Where(static id => id >= 0);
    }

    private void PostBaselines(List<ControlEffect> outbox)
    {
        if (_detector.TryTakeClosedHour(out var closed))
            outbox.Add(new ControlEffect.StoreBaselines(closed));
        while (_detector.TryTakeWantedHour(out var hour))
            outbox.Add(new ControlEffect.ReadBaselines(hour));
    }

    private void Take(ControlEvent happened, ControlTime now)
    {
        switch (happened)
        {
            case ControlEvent.StatsReceived received:
                _fold.OnBatch(received.Batch, now);
                break;
            case ControlEvent.StatsStreamOpened opened:
                _fold.OnStreamOpened(opened.Stream, opened.Node, opened.NodeCluster, now);
                break;
            case ControlEvent.StatsStreamClosed closed:
                _fold.OnStreamClosed(closed.Stream, now);
                break;
            case ControlEvent.TopologyChanged changed:
                _topology = changed.Topology;
                _fold.TakeNames(_topology.StatNames);
                _fold.OnClusters(_topology.Clusters);
                _services = ServiceScope.From(_topology);
                _remediator.OnTopology(_topology, now);
                break;
            case ControlEvent.RecordAppended appended:
                _remediator.OnAppended(appended, now);
                break;
            case ControlEvent.RecordRefused refused:
                _remediator.OnRefused(refused, now);
                break;
            case ControlEvent.RouteHeld held:
                _remediator.OnRouteHeld(held, now);
                break;
            case ControlEvent.OverlayRejected rejected:
                _remediator.OnRejected(rejected.Rejection, now);
                break;
            case ControlEvent.OverlayRefused refused:
                _remediator.OnOverlayRefused(refused, now);
                break;
            case ControlEvent.BaselinesRead read:
                _detector.OnBaselines(_fold, read.Hour);
                break;
            default:
                TakeTraffic(happened, now);
                break;
        }
    }

    /// <summary>What is only kept, to be asked for: it decides nothing by itself.</summary>
    private void TakeTraffic(ControlEvent happened, ControlTime now)
    {
        switch (happened)
        {
            case ControlEvent.LoadReported reported:
                Loads.OnReport(reported.Report, now);
                break;
            case ControlEvent.LoadStreamOpened opened:
                Loads.OnStreamOpened(opened.Stream, opened.Node, opened.Absence, now);
                break;
            case ControlEvent.LoadStreamClosed closed:
                Loads.OnStreamClosed(closed.Stream, now);
                break;
            case ControlEvent.ProxyConnected connected:
                Loads.OnProxyConnected(connected.Node);
                break;
            case ControlEvent.ProxyDisconnected disconnected:
                Loads.OnProxyDisconnected(disconnected.Node, now);
                _drift.OnDisconnected(disconnected.Node);
                break;
            case ControlEvent.ProxyDrifted drifted:
                _drift.OnDrifted(drifted);
                break;
            case ControlEvent.UpstreamReported reported:
                _upstream.OnReport(reported.Report, now);
                break;
            case ControlEvent.AccessLogged logged:
                AccessLogs.OnBatch(logged.Batch, now);
                break;
            default:
                throw new InvariantException($"every event is known ({happened.GetType().Name})");
        }
    }
}
