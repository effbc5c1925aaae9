namespace SelfHeal.Xds.Accepted;

/// <summary>What a configuration must prove before a rollback may trust it.</summary>
public sealed record VerifiedOptions
{
    /// <summary>
    /// How long it must be served without a failure; three times <see cref="FailureLatency"/> if that is more.
    /// Default: 10 minutes.
    /// </summary>
    public TimeSpan SoakMin { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The longest time that is known to pass between a change and the failure that it causes. Default: zero.
    /// </summary>
    public TimeSpan FailureLatency { get; init; }

    /// <summary>How many requests must flow meanwhile. Default: 100.</summary>
    public long RequestsMin { get; init; } = 100;

    /// <summary>
    /// How long after it was last seen to work it is still trusted. Default: 7 days.
    /// </summary>
    public TimeSpan AgeMax { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long it must be served without a failure.</summary>
    public TimeSpan Soak => TimeSpan.FromTicks(Math.Max(SoakMin.Ticks, 3 * FailureLatency.Ticks));
}
