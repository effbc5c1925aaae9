using System.Collections.Immutable;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;

namespace SelfHeal.Core.Diagnosis;

/// <content>Signals other than final failures, and what needs no statistics.</content>
public static partial class EvidenceCollector
{
    // Three and a half robust deviations: what a gauge does by chance about once in two thousand blocks.
    private const long GaugeLimit = 3_500;

    // A gauge that stood still may move by as much without being remarkable.
    private const long GaugeFloor = 5;

    private static readonly ImmutableArray<(SignalPair Pair, Signal Signal)> OtherPairs =
    [
        (SignalPair.RetriedErrors, Signal.RetriedErrors),
        (SignalPair.Resets, Signal.Resets),
        (SignalPair.GrpcFailures, Signal.GrpcFailures),
        (SignalPair.SlowForObjective, Signal.SlowResponses),
        (SignalPair.SlowForBaseline, Signal.SlowResponses),
        (SignalPair.UpstreamHandshakes, Signal.HandshakeFailures),
        (SignalPair.Unauthorized, Signal.Denials),
        (SignalPair.RateLimited, Signal.Denials),
        (SignalPair.Collapse, Signal.Collapse),
    ];

    /// <summary>The strongest look of each other pair among the versions. Only breaches are evidence: that a counter is
    /// quiet is said by the signals that own it.</summary>
    private static List<Other> Others(ServiceScope scope, TelemetryFold fold, Detector detector)
    {
        var others = new List<Other>();
        foreach (var (pair, signal) in OtherPairs)
        {
            Other? strongest = null;
            foreach (var version in scope.Versions)
            {
                var id = fold.FindCluster(version.Cluster);
                foreach (var blocks in LookSchedule.Windows)
                {
                    var look = detector.Look(fold, id, pair, LookKind.OwnWindow, blocks);
                    if (look.Verdict == Verdict.Breach && !(strongest?.Look.Statistic >= look.Statistic))
                        strongest = new Other(signal, look, detector.Persistence(id, pair, LookKind.OwnWindow));
                }
            }

            if (strongest is not null)
                others.Add(strongest);
        }

        return others;
    }

    private static EvidenceItem FromOther(Other other, ControlTime now) => FromLook(
        other.Signal,
        other.Signal == Signal.HandshakeFailures ? EvidenceGroup.Configuration : EvidenceGroup.Errors,
        other.Look,
        now);

    private static EvidenceItem? Suspicion(
        ServiceScope scope, TelemetryFold fold, Detector detector, ControlTime now)
    {
        foreach (ref readonly var finding in detector.Findings)
        {
            if (finding.Verdict == Verdict.Breach || finding.Pair.Scope != StatScope.Cluster)
                continue;
            foreach (var version in scope.Versions)
            {
                if (fold.FindCluster(version.Cluster) == finding.ScopeId)
                {
                    var isContrast = finding.Kind == LookKind.Contrast;
                    return FromLook(
                        isContrast ? Signal.VersionContrast : SignalOf(finding.Pair),
                        isContrast ? EvidenceGroup.Contrast : EvidenceGroup.Errors,
                        finding,
                        now);
                }
            }
        }

        return null;
    }

    private static Signal SignalOf(SignalPair pair)
    {
        if (pair == SignalPair.ConnectFailures)
            return Signal.ConnectFailures;
        foreach (var (known, signal) in OtherPairs)
        {
            if (known == pair)
                return signal;
        }

        return Signal.VersionErrors;
    }

    /// <summary>What a proxy says outright, and gauges far from where they were. One that never came says nothing.
    /// </summary>
    private static void AddBits(ImmutableArray<EvidenceItem>.Builder items, ServiceScope scope, TelemetryFold fold)
    {
        AddBit(items, Signal.GatewayOverload, EvidenceGroup.Pools, "envoy.listener.*.downstream_cx_overflow",
            SumOver(fold, StatScope.Listener, Stat.ListenerCxOverflow, Stat.ListenerCxOverloadReject)
            + Gauge(fold, StatScope.Server, Stat.OverloadActionActive, static value => value > 0));
        AddBit(items, Signal.CertificateExpired, EvidenceGroup.Configuration,
            "envoy.server.days_until_first_cert_expiring",
            Gauge(fold, StatScope.Server, Stat.DaysUntilFirstCertExpiring, static value => value <= 0));
        AddBit(items, Signal.ControlPlaneLost, EvidenceGroup.Configuration, "envoy.control_plane.connected_state",
            Gauge(fold, StatScope.ControlPlane, Stat.ConnectedState, static value => value == 0));
        AddBit(items, Signal.WarmingTooLong, EvidenceGroup.Configuration, "envoy.*_manager.*_warming",
            LongGauge(fold, StatScope.ClusterManager, Stat.ClustersWarming)
            + LongGauge(fold, StatScope.ListenerManager, Stat.ListenersWarming));
        AddBit(items, Signal.ProxyRestarted, EvidenceGroup.Pools, "envoy.server.uptime", Restarts(fold));
        foreach (var version in scope.Versions)
            AddCongestion(items, fold, version.Cluster);
    }

    private static void AddBit(
        ImmutableArray<EvidenceItem>.Builder items, Signal signal, EvidenceGroup group, string metric, long events)
    {
        if (events > 0)
            items.Add(Counted(signal, group, metric, "gateway", events, RareBlocks, minimum: 1));
    }

    private static long SumOver(TelemetryFold fold, StatScope kind, params ReadOnlySpan<Stat> stats)
    {
        var sum = 0L;
        foreach (var scopeId in fold.Scopes(kind))
        {
            foreach (var stat in stats)
                sum += fold.Window(scopeId, stat, RareBlocks).Sum;
        }

        return sum;
    }

    private static long Gauge(TelemetryFold fold, StatScope kind, Stat stat, Func<long, bool> isBad) =>
        fold.Window(fold.FindScope(kind, ""), stat, 1) is { HasGauge: true, NewestKnown: true } window
        && isBad(window.Sum) ? 1 : 0;

    /// <summary>1 where a gauge was above 0 in every block of the longest window.</summary>
    private static long LongGauge(TelemetryFold fold, StatScope kind, Stat stat)
    {
        var scopeId = fold.FindScope(kind, "");
        if (scopeId < 0)
            return 0;
        for (var back = 0; back < RareBlocks; back++)
        {
            if (fold.BlockValue(scopeId, stat, fold.ClosedSequence - back) == 0)
                return 0;
        }

        return 1;
    }

    /// <summary>How often the least uptime of all proxies fell in the longest window.</summary>
    private static long Restarts(TelemetryFold fold)
    {
        var scopeId = fold.FindScope(StatScope.Server, "");
        var restarts = 0L;
        if (scopeId < 0)
            return 0;
        for (var sequence = fold.ClosedSequence; sequence > fold.ClosedSequence - RareBlocks; sequence--)
        {
            if (!fold.IsReported(scopeId, sequence) || !fold.IsReported(scopeId, sequence - 1))
                continue;
            var before = fold.BlockValue(scopeId, Stat.Uptime, sequence - 1);
            restarts += fold.BlockValue(scopeId, Stat.Uptime, sequence) < before ? 1 : 0;
        }

        return restarts;
    }

    private static void AddCongestion(
        ImmutableArray<EvidenceItem>.Builder items, TelemetryFold fold, string cluster)
    {
        var scopeId = fold.FindCluster(cluster);
        if (scopeId < 0)
            return;
        Span<long> history = stackalloc long[64];
        foreach (var stat in (ReadOnlySpan<Stat>)[Stat.UpstreamRqActive, Stat.UpstreamRqPendingActive])
        {
            if (fold.Window(scopeId, stat, 1) is not { HasGauge: true, NewestKnown: true } newest)
                continue;
            var known = 0;
            for (var sequence = fold.ClosedSequence - 1; known < history.Length; sequence--)
            {
                if (!fold.TryGetBlock(sequence, out _))
                    break;
                if (fold.IsReported(scopeId, sequence))
                    history[known++] = fold.BlockValue(scopeId, stat, sequence);
            }

            var score = GaugeScore.RobustZ(history[..known], newest.Sum, GaugeFloor);
            if (known < RareBlocks || score < GaugeLimit)
                continue;
            var metric = stat == Stat.UpstreamRqActive ? "upstream_rq_active" : "upstream_rq_pending_active";
            items.Add(Counted(
                Signal.Congestion,
                EvidenceGroup.Pools,
                $"envoy.cluster.{cluster}.{metric}",
                cluster,
                newest.Sum,
                known,
                minimum: 1));
            return;
        }
    }

    private sealed record Other(Signal Signal, LookResult Look, PersistenceCounter Persistence)
    {
        public bool BreachesNow => Look.Verdict == Verdict.Breach && Persistence.HoldsInNewest;
    }
}
