namespace SelfHeal.Core.Remediation;

/// <summary>When Envoy ejects an endpoint, and for how long. Null leaves a setting as it is.</summary>
public sealed record OutlierSettings
{
    /// <summary>Consecutive 5xx responses that eject.</summary>
    public uint? Consecutive5xx { get; init; }

    /// <summary>Consecutive gateway failures (502, 503, 504) that eject.</summary>
    public uint? ConsecutiveGatewayFailure { get; init; }

    /// <summary>Consecutive failures of our own side, such as refused connections, that eject.</summary>
    public uint? ConsecutiveLocalOriginFailure { get; init; }

    /// <summary>Percent of such ejections that are carried out; 0 to 100.</summary>
    public uint? EnforcingConsecutive5xx { get; init; }

    /// <summary>Percent of such ejections that are carried out; 0 to 100.</summary>
    public uint? EnforcingConsecutiveGatewayFailure { get; init; }

    /// <summary>Percent of such ejections that are carried out; 0 to 100.</summary>
    public uint? EnforcingConsecutiveLocalOriginFailure { get; init; }

    /// <summary>Percent of ejections by rate of success that are carried out; 0 to 100.</summary>
    public uint? EnforcingSuccessRate { get; init; }

    /// <summary>Percent of ejections by percentage of failures that are carried out; 0 to 100.</summary>
    public uint? EnforcingFailurePercentage { get; init; }

    /// <summary>Percent of failures that ejects; 0 to 100.</summary>
    public uint? FailurePercentageThreshold { get; init; }

    /// <summary>Percent of a cluster's endpoints that may be ejected at once; 0 to 100.</summary>
    public uint? MaxEjectionPercent { get; init; }

    /// <summary>Time between two looks; more than zero.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>How long the first ejection lasts; more than zero.</summary>
    public TimeSpan? BaseEjectionTime { get; init; }

    /// <summary>The most that an ejection lasts; more than zero.</summary>
    public TimeSpan? MaxEjectionTime { get; init; }
}
