using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>How the success of an action is judged; declared in the record before the action.</summary>
internal sealed class ContractOptions
{
    /// <summary>
    /// How long telemetry is watched after the action is live. Default: 10m. Limits: 1s to 24h.
    /// </summary>
    [Limits("1s", "24h")]
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The error ratio that a pass must exclude. Default: 0.01. Limits: 0.0001 to 0.5.
    /// </summary>
    [Limits("0.0001", "0.5")]
    public decimal PBad { get; init; } = 0.01m;

    /// <summary>
    /// The chance of passing although the ratio is still p_bad. Default: 0.01. Limits: 0.0001 to 0.2.
    /// </summary>
    [Limits("0.0001", "0.2")]
    public decimal Alpha { get; init; } = 0.01m;

    /// <summary>
    /// Shape k of the test's negative binomial: the smaller, the burstier failures are taken to be and the more clean
    /// responses a pass needs. Default: 1. Limits: 0.25 to 64.
    /// </summary>
    [Limits("0.25", "64")]
    public decimal Shape { get; init; } = 1m;

    /// <summary>
    /// Flushes closer together than this are one piece of evidence, not two. Default: 1m. Limits: 1s to 1h.
    /// </summary>
    [Limits("1s", "1h")]
    public TimeSpan CorrelationTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// When an undecided contract ends as inconclusive and a human takes over; not before window. Default: 20m.
    /// Limits: 1s to 168h.
    /// </summary>
    [Limits("1s", "168h")]
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>
    /// When a standing action is brought to a human for the trial of its return; not before deadline. Default: 24h.
    /// Limits: 1s to 720h.
    /// </summary>
    [Limits("1s", "720h")]
    public TimeSpan Expiry { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Plain criteria that must hold beside the test.</summary>
    public ContractCriteriaOptions Criteria { get; init; } = new();
}
