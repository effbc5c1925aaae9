namespace SelfHeal.Benchmarks.Recording;

/// <summary>What happens to the gateway while its stats are recorded.</summary>
internal enum EnvoyScenario
{
    /// <summary>Nothing but load that changes.</summary>
    Healthy,

    /// <summary><c>payments-v2</c> fails 30 % of its requests from the middle on.</summary>
    BadCanary,

    /// <summary>Payments answer slowly from the middle on, and the circuit breakers of both versions overflow.
    /// </summary>
    PoolExhaustion,

    /// <summary>Half of all payments fail from the middle on, and the route retries them past the retry limit.
    /// </summary>
    RetryStorm,
}
