using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>
/// What is counted of Envoys' access logs (ALS): response flags and codes by upstream host and route.
/// </summary>
internal sealed class AccessLogOptions
{
    /// <summary>
    /// Whether access logs are taken. While false the service is not there, and Envoys that log to it are told
    /// UNIMPLEMENTED. Default: false.
    /// </summary>
    public bool Enabled { get; init; }

    /// <summary>How long one interval of counts is. Default: 5s. Limits: 100ms to 5m.</summary>
    [Limits("100ms", "5m")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many intervals are kept. Default: 60. Limits: 1 to 1000.</summary>
    [Limits("1", "1000")]
    public int Intervals { get; init; } = 60;

    /// <summary>
    /// How many rows of cluster, host and route are kept over all intervals; what comes beyond them is counted in one
    /// row of its interval, named *. About 550 bytes each. Default: 50000. Limits: 100 to 1000000.
    /// </summary>
    [Limits("100", "1000000")]
    public int MaxRows { get; init; } = 50_000;
}
