namespace SelfHeal.Core.Loads;

/// <summary>Why reports prove nothing.</summary>
public enum DrainGap
{
    /// <summary>No proxy is connected.</summary>
    NoProxy,

    /// <summary>The endpoint is not in the assignment: proxies do not report it.</summary>
    NotAssigned,

    /// <summary>The process has not run long enough for every proxy to have come back.</summary>
    JustStarted,

    /// <summary>There are proxies beyond the limits of the table.</summary>
    BeyondLimit,

    /// <summary>No proxy that is connected has the cluster.</summary>
    ClusterUnknown,

    /// <summary>At least one proxy's reports say nothing; its state says why.</summary>
    ProxyUnknown,
}
