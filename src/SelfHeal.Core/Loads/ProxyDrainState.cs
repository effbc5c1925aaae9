namespace SelfHeal.Core.Loads;

/// <summary>What one proxy's reports say of an endpoint.</summary>
public enum ProxyDrainState
{
    /// <summary>Nothing was sent in the last period, and nothing is under way.</summary>
    Idle,

    /// <summary>Requests are under way, or some were sent in the last period.</summary>
    Busy,

    /// <summary>The proxy does not have the cluster: two reports in a row do not name it.</summary>
    WithoutCluster,

    /// <summary>The proxy is connected but has not reported, or not yet reported the cluster.</summary>
    Silent,

    /// <summary>Its last report is too old.</summary>
    Stale,

    /// <summary>Its last period began before the endpoint stopped getting requests.</summary>
    Early,

    /// <summary>It had the cluster and lost it; what was under way then is not reported.</summary>
    ClusterGone,

    /// <summary>It reports requests under way without saying at which endpoint.</summary>
    Unattributed,

    /// <summary>It left the locality out, which from this proxy does not mean that nothing is under way.</summary>
    Unreported,

    /// <summary>It went away a short while ago; its requests may go on.</summary>
    Departed,
}
