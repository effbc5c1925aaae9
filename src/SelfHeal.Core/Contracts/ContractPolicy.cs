namespace SelfHeal.Core.Contracts;

/// <summary>What the policy says about every contract.</summary>
public sealed record ContractPolicy
{
    /// <summary>How long the contract is watched. Default 10 minutes.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>When an undecided contract is handed over, from its start. Default 20 minutes.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>How long the change may stay before a human is asked. Default 24 hours.</summary>
    public TimeSpan Expiry { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The ratio of failures that must be excluded, in parts per million. Default 1 %.</summary>
    public int BadRatioPpm { get; init; } = 10_000;

    /// <summary>The chance of a wrong pass, in parts per million. Default 1 %.</summary>
    public int AlphaPpm { get; init; } = 10_000;

    /// <summary>The shape k of the test, in millionths. Default 1.</summary>
    public long ShapeMicros { get; init; } = 1_000_000;

    /// <summary>Blocks closer than this are one piece of evidence, not two. Default 1 minute.</summary>
    public TimeSpan CorrelationTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A plain criterion beside the test: final 5xx per second of the service over the window, in thousandths;
    /// null for none.</summary>
    public long? MaxErrorsPerSecondMillis { get; init; }

    /// <summary>A plain criterion beside the test: no new outlier ejection in the service's clusters.</summary>
    public bool NoNewEjections { get; init; }
}
