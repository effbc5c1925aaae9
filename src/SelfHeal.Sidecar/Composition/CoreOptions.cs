using System.Collections.Immutable;
using SelfHeal.Core.AccessLogs;
using SelfHeal.Core.Contracts;
using SelfHeal.Core.Control;
using SelfHeal.Core.Loads;
using SelfHeal.Core.Rings;
using SelfHeal.Core.Series;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Hosting;
using SelfHeal.Sidecar.Judgement;

namespace SelfHeal.Sidecar.Composition;

/// <summary>Turns the configuration's options into the values that Core works with.</summary>
internal static class CoreOptions
{
    private const int Million = 1_000_000;

    // A reader brings at most max_series_per_stream series. A proxy that sends some of them twice in one flush must not
    // blind the judge, so there is room for each of them twice; beyond it the flush counts as damaged.
    private const int SamplesPerSeries = 2;

    /// <summary>Everything that the control loop is told.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="identity">The process, as records name it.</param>
    public static ControlLoopOptions Of(SelfHealOptions options, ProcessIdentity identity) => new()
    {
        Instance = identity.Id,
        SoftwareVersion = SelfHealVersion.Current,
        Policy = Policy(options.Policy, PolicyHash.Of(options), options.Xds.AckTimeout),
        Telemetry = new TelemetryOptions
        {
            FlushInterval = options.Detection.FlushInterval,
            CountersAreDeltas = options.Detection.CountersAreDeltas,
            StreamLimit = options.Xds.MaxStreams,
            ParkedLimit = options.Xds.MaxStreams,
            FlushSampleLimit = SamplesPerSeries * options.Detection.MaxSeriesPerStream,
        },
        Loads = new LoadTableOptions
        {
            StreamLimit = options.Xds.MaxStreams,
            RowLimit = options.Loads.MaxRows,
            DepartureGrace = options.Loads.DepartureGrace,
        },
        AccessLogs = new AccessLogTableOptions
        {
            Interval = options.AccessLogs.Interval,
            Intervals = options.AccessLogs.Intervals,
            RowLimit = options.AccessLogs.MaxRows,
        },
        Detection = new Core.Detection.DetectionOptions
        {
            BaselineRatio = (double)options.Detection.BaselineRatio,
            Shape = (double)options.Detection.BaselineShape,
            ContrastShape = (double)options.Detection.ContrastShape,
            ShrinkageWeight = options.Detection.Shrinkage,
            EffectRatio = (double)options.Detection.EffectRatio,
            EffectAbsolute = (double)options.Detection.EffectAbsolute,
            LatencyObjective = options.Detection.LatencyObjective,
            FlushInterval = options.Detection.FlushInterval,
        },
    };

    private static RemediationPolicy Policy(PolicyOptions policy, string hash, TimeSpan acknowledgeTimeout) => new()
    {
        Version = policy.Version,
        Hash = hash,
        ApprovedBy = policy.ApprovedBy,
        DefaultRing = policy.DefaultRing,
        ServiceRings = policy.Services.ToImmutableDictionary(
            static s => s.Key, s => s.Value.Ring ?? policy.DefaultRing, StringComparer.Ordinal),
        PersistenceFlushes = policy.Persistence.Ring1Flushes,
        Ring1BarPpm = Ppm(policy.Bars.Ring1),
        Ring1MaxRiskPpm = Ppm(policy.MaxRisk.Ring1),
        MarginDecibans = policy.MarginDecibels,
        ActionsPerIncident = policy.ActionsPerIncident,
        Freeze = policy.Freeze,
        AcknowledgeTimeout = acknowledgeTimeout,
        Contract = new ContractPolicy
        {
            Window = policy.Contract.Window,
            Deadline = policy.Contract.Deadline,
            Expiry = policy.Contract.Expiry,
            BadRatioPpm = Ppm(policy.Contract.PBad),
            AlphaPpm = Ppm(policy.Contract.Alpha),
            ShapeMicros = (long)(policy.Contract.Shape * Million),
            CorrelationTime = policy.Contract.CorrelationTime,
            MaxErrorsPerSecondMillis = policy.Contract.Criteria.MaxServerErrorsPerSecond is { } limit
                ? (long)(limit * 1000)
                : null,
            NoNewEjections = policy.Contract.Criteria.NoNewEjections,
        },
    };

    private static int Ppm(decimal ratio) => (int)(ratio * Million);
}
