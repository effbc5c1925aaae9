namespace SelfHeal.Core.Series;

/// <summary>Facts about the members of <see cref="Stat"/>: their scope, their place in it, and whether they are
/// gauges.</summary>
public static class StatCatalog
{
    /// <summary>The scope that <paramref name="stat"/> belongs to.</summary>
    /// <param name="stat">Any member.</param>
    public static StatScope ScopeOf(Stat stat) => stat switch
    {
        Stat.None => StatScope.None,
        <= Stat.UpstreamRqTime => StatScope.Cluster,
        <= Stat.ListenerSslFailVerify => StatScope.Listener,
        <= Stat.DownstreamRqTime => StatScope.HttpConnectionManager,
        Stat.RdsUpdateRejected => StatScope.RouteConfiguration,
        <= Stat.ListenersWarming => StatScope.ListenerManager,
        <= Stat.ClustersWarming => StatScope.ClusterManager,
        Stat.ConnectedState => StatScope.ControlPlane,
        <= Stat.OverloadActionActive => StatScope.Server,
        _ => StatScope.None,
    };

    /// <summary>The first stat of <paramref name="scope"/>.</summary>
    /// <param name="scope">Any member.</param>
    public static Stat FirstOf(StatScope scope) => scope switch
    {
        StatScope.Cluster => Stat.UpstreamRqCompleted,
        StatScope.Listener => Stat.ListenerCxTotal,
        StatScope.HttpConnectionManager => Stat.DownstreamRqTotal,
        StatScope.RouteConfiguration => Stat.RdsUpdateRejected,
        StatScope.ListenerManager => Stat.LdsUpdateRejected,
        StatScope.ClusterManager => Stat.CdsUpdateRejected,
        StatScope.ControlPlane => Stat.ConnectedState,
        StatScope.Server => Stat.Uptime,
        _ => Stat.None,
    };

    /// <summary>How many stats <paramref name="scope"/> has.</summary>
    /// <param name="scope">Any member.</param>
    public static int CountOf(StatScope scope) => scope switch
    {
        StatScope.Cluster => Stat.UpstreamRqTime - Stat.UpstreamRqCompleted + 1,
        StatScope.Listener => Stat.ListenerSslFailVerify - Stat.ListenerCxTotal + 1,
        StatScope.HttpConnectionManager => Stat.DownstreamRqTime - Stat.DownstreamRqTotal + 1,
        StatScope.RouteConfiguration => 1,
        StatScope.ListenerManager => Stat.ListenersWarming - Stat.LdsUpdateRejected + 1,
        StatScope.ClusterManager => Stat.ClustersWarming - Stat.CdsUpdateRejected + 1,
        StatScope.ControlPlane => 1,
        StatScope.Server => Stat.OverloadActionActive - Stat.Uptime + 1,
        _ => 0,
    };

    /// <summary>How values of several proxies become one number.</summary>
    /// <param name="stat">Any member.</param>
    public static GaugeCombine CombineOf(Stat stat) => stat switch
    {
        Stat.UpstreamCxActive or Stat.UpstreamRqActive or Stat.UpstreamRqPendingActive => GaugeCombine.Sum,
        Stat.OutlierEjectionsActive or Stat.MembershipTotal or Stat.BreakerOpen or Stat.ListenersWarming
            or Stat.ClustersWarming or Stat.OverloadActionActive => GaugeCombine.Largest,
        Stat.MembershipHealthy or Stat.ConnectedState or Stat.Uptime or Stat.Live
            or Stat.DaysUntilFirstCertExpiring => GaugeCombine.Smallest,
        _ => GaugeCombine.Counter,
    };

    /// <summary>Whether <paramref name="stat"/> is a gauge; otherwise it is a counter or a histogram.</summary>
    /// <param name="stat">Any member.</param>
    public static bool IsGauge(Stat stat) => CombineOf(stat) != GaugeCombine.Counter;

    /// <summary>Whether <paramref name="stat"/> is a histogram: Envoy sends what the interval added, so its buckets are
    /// summed over proxies and never taken as totals since the start.</summary>
    /// <param name="stat">Any member.</param>
    public static bool IsHistogram(Stat stat) => stat is Stat.UpstreamRqTime or Stat.DownstreamRqTime;
}
