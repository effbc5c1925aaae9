using SelfHeal.Core.Control;
using SelfHeal.Core.Series;
using SelfHeal.Sidecar.Composition;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;

namespace SelfHeal.Sidecar.Recording;

/// <summary>Puts another policy in the place of the recorded one.</summary>
internal static class PolicyTrial
{
    /// <summary>
    /// The options of a loop under the sections <c>policy</c> and <c>detection</c> of a configuration. What belongs to
    /// the gateway and not to the policy stays as it was recorded: the time that proxies have to answer, and limits.
    /// </summary>
    /// <param name="recorded">What the recorded loop was told.</param>
    /// <param name="options">The other configuration.</param>
    public static ControlLoopOptions Apply(ControlLoopOptions recorded, SelfHealOptions options)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        ArgumentNullException.ThrowIfNull(options);

        // The name says in every record that nobody has decided this.
        var tried = CoreOptions.Of(options, new ProcessIdentity($"{recorded.Instance} what-if"));
        return new ControlLoopOptions
        {
            Instance = tried.Instance,
            SoftwareVersion = tried.SoftwareVersion,
            Policy = tried.Policy with { AcknowledgeTimeout = recorded.Policy.AcknowledgeTimeout },
            Detection = tried.Detection,
            Loads = recorded.Loads,
            AccessLogs = recorded.AccessLogs,
            Telemetry = new TelemetryOptions
            {
                FlushInterval = tried.Telemetry.FlushInterval,
                FlushQuiet = recorded.Telemetry.FlushQuiet,
                BlockCapacity = recorded.Telemetry.BlockCapacity,
                CountersAreDeltas = recorded.Telemetry.CountersAreDeltas,
                UptimeTolerance = recorded.Telemetry.UptimeTolerance,
                ScopeLimit = recorded.Telemetry.ScopeLimit,
                StreamLimit = recorded.Telemetry.StreamLimit,
                ParkedLimit = recorded.Telemetry.ParkedLimit,
                FlushSampleLimit = recorded.Telemetry.FlushSampleLimit,
            },
        };
    }
}
