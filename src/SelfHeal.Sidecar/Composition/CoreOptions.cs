using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using SelfHeal.Core.Contracts;
using SelfHeal.Core.Control;
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

    /// <summary>Everything that the control loop is told.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="identity">The process, as records name it.</param>
    public static ControlLoopOptions Of(SelfHealOptions options, ProcessIdentity identity) => new()
    {
        Instance = identity.Id,
        SoftwareVersion = SelfHealVersion.Current,
        Policy = Policy(options.Policy, options.Xds.AckTimeout),
        Telemetry = new TelemetryOptions
        {
            FlushInterval = options.Detection.FlushInterval,
            StreamLimit = options.Xds.MaxStreams,
            ParkedLimit = options.Xds.MaxStreams,
        },
        Detection = new Core.Detection.DetectionOptions
        {
            BaselineRatio = (double)options.Detection.BaselineRatio,
            Shape = (double)options.Detection.BaselineShape,
            ContrastShape = (double)options.Detection.ContrastShape,
            ShrinkageWeight = options.Detection.Shrinkage,
            EffectRatio = (double)options.Detection.EffectRatio,
            EffectAbsolute = (double)options.Detection.EffectAbsolute,
            FlushInterval = options.Detection.FlushInterval,
        },
    };

    private static RemediationPolicy Policy(PolicyOptions policy, TimeSpan acknowledgeTimeout) => new()
    {
        Version = policy.Version,
        Hash = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(policy))),
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
            MaxErrorsPerSecondMillis = policy.Contract.Criteria.MaxServerErrorsPerSecond is { } limit
                ? (long)(limit * 1000)
                : null,
            NoNewEjections = policy.Contract.Criteria.NoNewEjections,
        },
    };

    private static int Ppm(decimal ratio) => (int)(ratio * Million);
}
