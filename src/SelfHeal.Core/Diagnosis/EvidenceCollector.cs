using System.Collections.Immutable;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;
using SelfHeal.Core.Upstream;

namespace SelfHeal.Core.Diagnosis;

/// <summary>Gathers everything that was measured about one service at the end of a block.</summary>
public static partial class EvidenceCollector
{
    // Counters that are zero on a healthy gateway are read over the longest window of detection.
    private const int RareBlocks = 12;
    private const long RareMinimum = 3;
    private const long PpbPerPpm = 1_000;

    /// <summary>Collects the evidence.</summary>
    /// <param name="scope">The service.</param>
    /// <param name="fold">The blocks.</param>
    /// <param name="detector">What detection says about the newest block.</param>
    /// <param name="now">The time of this step.</param>
    /// <param name="drifted">How many proxies do not hold what is intended for them.</param>
    /// <param name="upstream">What the upstream reported of itself; null where it is not asked.</param>
    public static ServiceEvidence Collect(
        ServiceScope scope,
        TelemetryFold fold,
        Detector detector,
        ControlTime now,
        int drifted = 0,
        UpstreamWindow? upstream = null)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(fold);
        ArgumentNullException.ThrowIfNull(detector);
        var members = scope.Versions.Select(version => Measure(version, fold, detector)).ToList();
        var suspect = members
            .Where(static m => m.Against is { SiblingTotal: > 0, Total: > 0 })
            .OrderByDescending(static m => m.Against.ContrastMilliDecibans)
            .ThenBy(static m => m.Version.Weight)
            .ThenBy(static m => m.Version.Cluster, StringComparer.Ordinal)
            .FirstOrDefault();
        var worst = suspect ?? members.OrderByDescending(static m => m.Own.Statistic).First();
        var items = ImmutableArray.CreateBuilder<EvidenceItem>();
        items.Add(FromLook(Signal.VersionErrors, EvidenceGroup.Errors, worst.Own, now));
        items.Add(AllVersions(scope.Service, members, now));
        if (suspect is not null)
            items.Add(FromLook(Signal.VersionContrast, EvidenceGroup.Contrast, suspect.Against, now));
        items.Add(FromLook(Signal.ConnectFailures, EvidenceGroup.Errors, worst.Connects, now));
        AddRareCounters(items, scope, fold);
        var others = Others(scope, fold, detector);
        items.AddRange(others.Where(static o => o.Look.Sequence >= 0).Select(o => FromOther(o, now)));
        AddBits(items, scope, fold);
        AddBit(
            items, Signal.ConfigurationDrift, EvidenceGroup.Configuration, "selfheal.xds.proxies.drifted", drifted);
        var othersInBreach = others.FindAll(static o => o.BreachesNow);
        var inBreach = members.FindAll(static m => m.BreachesNow);
        var onset = inBreach.Select(static m => m.Onset)
            .Concat(othersInBreach.Select(static o => o.Look.HasOnset ? o.Look.Onset : (ControlTime?)null))
            .OfType<ControlTime>().OrderBy(static t => t.MonotonicNanos)
            .Cast<ControlTime?>().FirstOrDefault();
        AddUpstream(items, upstream?.Around(onset ?? now, now));
        var counter = worst.Against.Verdict == Verdict.Breach ? worst.AgainstPersistence : worst.OwnPersistence;
        return new ServiceEvidence(
            items.ToImmutable(),
            suspect?.Version,
            inBreach.Count + othersInBreach.Count > 0,
            onset,
            IsMeasured(scope, fold),
            members.Exists(m => m.BreachesNow
                && m.Version.Cluster != suspect?.Version.Cluster
                && scope.Shared.Any(shared => shared.Cluster == m.Version.Cluster)),
            counter.Flushes == 0 ? null : counter.First,
            counter.Flushes,
            counter.HoldsInNewest,
            ReceiverRate(scope, suspect?.Version, fold))
        {
            OtherPersistentFlushes = othersInBreach.Select(static o => o.Persistence.Flushes).DefaultIfEmpty().Max(),
            OtherHoldsInNewestFlush = othersInBreach.Count > 0,
            Suspicion = Suspicion(scope, fold, detector, now),
        };
    }

    private static Member Measure(VersionShare version, TelemetryFold fold, Detector detector)
    {
        var id = fold.FindCluster(version.Cluster);
        return new Member(
            version,
            Strongest(LookKind.OwnWindow, SignalPair.Errors) with { Scope = version.Cluster },
            Strongest(LookKind.Contrast, SignalPair.Errors) with { Scope = version.Cluster },
            Strongest(LookKind.OwnWindow, SignalPair.ConnectFailures) with { Scope = version.Cluster },
            detector.Persistence(id, SignalPair.Errors, LookKind.OwnWindow),
            detector.Persistence(id, SignalPair.Errors, LookKind.Contrast));

        // A breach in any window is a breach; else the longest window says most.
        LookResult Strongest(LookKind kind, SignalPair pair)
        {
            var strongest = detector.Look(fold, id, pair, kind, LookSchedule.Windows[^1]);
            foreach (var window in LookSchedule.Windows)
            {
                var look = detector.Look(fold, id, pair, kind, window);
                if (look.Verdict == Verdict.Breach
                    && (strongest.Verdict != Verdict.Breach || look.Statistic > strongest.Statistic))
                    strongest = look;
            }

            if (kind != LookKind.OwnWindow || strongest.Verdict == Verdict.Breach)
                return strongest;
            var slow = detector.Look(fold, id, pair, LookKind.Slow, windowBlocks: 0);
            return slow.Verdict == Verdict.Breach ? slow : strongest;
        }
    }

    private static bool IsMeasured(ServiceScope scope, TelemetryFold fold) => scope.Versions.Any(
        version => fold.Window(version.Cluster, Stat.UpstreamRqCompleted, 1) is { NewestKnown: true, Sum: > 0 });

    private static EvidenceItem FromLook(Signal signal, EvidenceGroup group, LookResult look, ControlTime now) => new()
    {
        Signal = signal,
        Group = group,
        Metric = $"envoy.cluster.{look.Scope}.{look.Pair.Metric}",
        Scope = look.Scope,
        Verdict = look.Verdict,
        WindowBlocks = look.WindowBlocks,
        WindowMillis = (long)look.Exposure.TotalMilliseconds,
        Trials = look.Total,
        Events = look.Events,
        ExpectedMicros = look.ExpectedMicros,
        BaselinePpm = look.BaselinePpb / PpbPerPpm,
        BaselineSource = Source(look.BaselineSource),
        BaselineTrials = look.BaselineTotal,
        BaselineEvents = look.BaselineEvents,
        SiblingTrials = look.SiblingTotal,
        SiblingEvents = look.SiblingEvents,
        ShapeMicros = look.ShapeMillis * 1_000,
        StatisticMicroNats = look.Statistic,
        ThresholdMicroNats = look.Threshold,
        ContrastDecibans = Round(look.ContrastMilliDecibans),
        AgeMillis = look.Sequence < 0 ? 0 : (long)now.Since(look.End).TotalMilliseconds,
    };

    /// <summary>Half away from zero: -0.6 dB speaks against, it does not vanish.</summary>
    private static int Round(long milliDecibans) =>
        (int)((milliDecibans + (Math.Sign(milliDecibans) * Contrast.DecibanScale / 2)) / Contrast.DecibanScale);

    private static string Source(BaselineSource source) => source switch
    {
        BaselineSource.Siblings => "siblings",
        BaselineSource.History => "this hour of the week",
        _ => "declared default",
    };

    /// <summary>Every version with traffic in breach of its own baseline, or some version measured clear.</summary>
    private static EvidenceItem AllVersions(string service, List<Member> members, ControlTime now)
    {
        var serving = members.FindAll(static m => m.Own.Total > 0);
        var weakest = serving.OrderBy(static m => m.Own.Statistic).FirstOrDefault() ?? members[0];
        var verdict = serving.Count > 0 && serving.TrueForAll(static m => m.Own.Verdict == Verdict.Breach)
            ? Verdict.Breach
            : serving.Exists(static m => m.Own.Verdict == Verdict.Clear) ? Verdict.Clear : Verdict.NoEvidence;
        var clusters = string.Join(',', members.Select(static m => m.Version.Cluster));
        return FromLook(Signal.AllVersionErrors, EvidenceGroup.Errors, weakest.Own, now) with
        {
            Metric = $"envoy.cluster.{{{clusters}}}.upstream_rq_5xx",
            Scope = service,
            Verdict = verdict,
            Trials = serving.Sum(static m => m.Own.Total),
            Events = serving.Sum(static m => m.Own.Events),
        };
    }

    private static void AddRareCounters(
        ImmutableArray<EvidenceItem>.Builder items, ServiceScope scope, TelemetryFold fold)
    {
        items.Add(Rare(
            scope, fold, Signal.PoolOverflow, EvidenceGroup.Pools, "*_overflow", RareMinimum,
            Stat.UpstreamCxPoolOverflow, Stat.UpstreamCxOverflow, Stat.UpstreamRqPendingOverflow,
            Stat.UpstreamRqActiveOverflow));
        // Where nothing retries, or nothing ejects, that nothing did so says nothing.
        var retries = scope.Versions.Sum(v => fold.Window(v.Cluster, Stat.UpstreamRqRetry, RareBlocks).Sum);
        items.Add(OnlyWhere(retries > 0, Rare(
            scope, fold, Signal.RetryOverflow, EvidenceGroup.Pools, "upstream_rq_retry_overflow", RareMinimum,
            Stat.UpstreamRqRetryOverflow)));
        var ejects = scope.Versions.Any(v => fold.Window(v.Cluster, Stat.OutlierEjectionsActive, RareBlocks).HasGauge);
        items.Add(OnlyWhere(ejects, Rare(
            scope, fold, Signal.Ejections, EvidenceGroup.Errors, "outlier_detection.ejections_active", 1,
            Stat.OutlierEjectionsActive)));
        items.Add(Rejections(scope, fold));
        var handshakes = scope.Versions.Sum(v => fold.Window(v.Cluster, Stat.ClusterSslHandshake, RareBlocks).Sum);
        var handshakeFailures = Rare(
            scope, fold, Signal.HandshakeFailures, EvidenceGroup.Configuration, "ssl.connection_error", RareMinimum,
            Stat.ClusterSslConnectionError, Stat.ClusterSslFailVerify);
        items.Add(OnlyWhere(handshakes > 0, handshakeFailures with { Trials = handshakes }));
    }

    private static EvidenceItem OnlyWhere(bool inUse, EvidenceItem item) =>
        item.Verdict == Verdict.Clear && !inUse ? item with { Verdict = Verdict.NoEvidence } : item;

    /// <summary>Envoy sends a stat only once it was touched: a cluster that reports without it has zero.</summary>
    private static EvidenceItem Rare(
        ServiceScope scope,
        TelemetryFold fold,
        Signal signal,
        EvidenceGroup group,
        string metric,
        long minimum,
        params ReadOnlySpan<Stat> stats)
    {
        long events = 0;
        var known = 0;
        foreach (var version in scope.Versions)
        {
            foreach (var stat in stats)
            {
                var window = fold.Window(version.Cluster, stat, RareBlocks);
                events += window.Sum;
                known = Math.Max(known, window.KnownBlocks);
            }
        }

        return Counted(signal, group, $"envoy.cluster.{scope.Service}.{metric}", scope.Service, events, known, minimum);
    }

    private static EvidenceItem Rejections(ServiceScope scope, TelemetryFold fold)
    {
        var events = Sum(StatScope.ListenerManager, "", Stat.LdsUpdateRejected)
            + Sum(StatScope.ClusterManager, "", Stat.CdsUpdateRejected);
        foreach (var split in scope.Splits)
            events += Sum(StatScope.RouteConfiguration, split.RouteConfiguration, Stat.RdsUpdateRejected);
        var known = 0;
        foreach (var version in scope.Versions)
        {
            var window = fold.Window(version.Cluster, Stat.ClusterUpdateRejected, RareBlocks);
            events += window.Sum;
            known = Math.Max(known, window.KnownBlocks);
        }

        return Counted(
            Signal.UpdateRejected,
            EvidenceGroup.Configuration,
            "envoy.*.update_rejected",
            scope.Service,
            events,
            known,
            minimum: 1);

        long Sum(StatScope kind, string name, Stat stat) =>
            fold.Window(fold.FindScope(kind, name), stat, RareBlocks).Sum;
    }

    private static EvidenceItem Counted(
        Signal signal, EvidenceGroup group, string metric, string scope, long events, int known, long minimum) => new()
        {
            Signal = signal,
            Group = group,
            Metric = metric,
            Scope = scope,
            Verdict = events >= minimum ? Verdict.Breach
                : events == 0 && known > 0 ? Verdict.Clear
                : Verdict.NoEvidence,
            WindowBlocks = known,
            Events = events,
        };

    private static long ReceiverRate(ServiceScope scope, VersionShare? suspect, TelemetryFold fold)
    {
        long rate = 0;
        foreach (var version in scope.Shared)
        {
            if (version.Cluster == suspect?.Cluster)
                continue;
            var window = fold.Window(version.Cluster, Stat.UpstreamRqCompleted, 1);
            var millis = (long)window.Exposure.TotalMilliseconds;
            rate += millis == 0 ? 0 : window.Sum * 1_000_000 / millis;
        }

        return rate;
    }

    private sealed record Member(
        VersionShare Version,
        LookResult Own,
        LookResult Against,
        LookResult Connects,
        PersistenceCounter OwnPersistence,
        PersistenceCounter AgainstPersistence)
    {
        public bool BreachesNow => (Own.Verdict == Verdict.Breach && OwnPersistence.HoldsInNewest)
            || (Against.Verdict == Verdict.Breach && AgainstPersistence.HoldsInNewest);

        public ControlTime? Onset => Own.HasOnset ? Own.Onset : Against.HasOnset ? Against.Onset : null;
    }
}
