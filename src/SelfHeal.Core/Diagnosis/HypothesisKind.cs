namespace SelfHeal.Core.Diagnosis;

/// <summary>The closed set of causes that can be blamed.</summary>
public enum HypothesisKind
{
    /// <summary>One version of a service fails where its siblings do not.</summary>
    VersionRegression,

    /// <summary>Every version of a service fails alike: their code, or something that they all depend on.</summary>
    RegressionOfAllVersions,

    /// <summary>A connection pool or circuit breaker is exhausted.</summary>
    PoolExhaustion,

    /// <summary>Some hosts of a cluster are unhealthy.</summary>
    UnhealthySubset,

    /// <summary>Pods crash-loop or are killed for memory.</summary>
    CrashLoop,

    /// <summary>A rejected or harmful configuration push.</summary>
    BadConfiguration,

    /// <summary>Retries amplify the load.</summary>
    RetryStorm,

    /// <summary>The gateway itself: TLS, filters, buffering.</summary>
    GatewayLocal,

    /// <summary>An expired or mis-rotated certificate.</summary>
    Certificate,

    /// <summary>Something else. No evidence counts for or against it.</summary>
    Unknown,
}
