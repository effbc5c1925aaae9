using SelfHeal.Core.AccessLogs;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Loads;
using SelfHeal.Core.Rings;
using SelfHeal.Core.Series;

namespace SelfHeal.Core.Control;

/// <summary>Everything that a control loop is told once, at its start.</summary>
public sealed class ControlLoopOptions
{
    /// <summary>The process that decides, as records name it.</summary>
    public required string Instance { get; init; }

    /// <summary>The version of SelfHeal, as records name it.</summary>
    public required string SoftwareVersion { get; init; }

    /// <summary>What the operators allow.</summary>
    public required RemediationPolicy Policy { get; init; }

    /// <summary>How stats become blocks.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>How blocks become verdicts.</summary>
    public DetectionOptions Detection { get; init; } = new();

    /// <summary>How much of load reports is kept.</summary>
    public LoadTableOptions Loads { get; init; } = new();

    /// <summary>How access logs are counted.</summary>
    public AccessLogTableOptions AccessLogs { get; init; } = new();
}
