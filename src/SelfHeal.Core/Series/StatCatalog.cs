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
        <= Stat.MembershipHealthy => StatScope.Cluster,
        <= Stat.ListenerSslFailVerify => StatScope.Listener,
        <= Stat.NoRoute => StatScope.HttpConnectionManager,
        Stat.RdsUpdateRejected => StatScope.RouteConfiguration,
        <= Stat.ListenerCreateFailure => StatScope.ListenerManager,
        Stat.CdsUpdateRejected => StatScope.ClusterManager,
        Stat.ConnectedState => StatScope.ControlPlane,
        <= Stat.DaysUntilFirstCertExpiring => StatScope.Server,
        _ => StatScope.None,
    };

    /// <summary>The first stat of <paramref name="scope"/>.</summary>
    /// <param name="scope">Any member.</param>
    public static Stat FirstOf(StatScope scope) => scope switch
    {
        StatScope.Cluster => Stat.UpstreamRqCompleted,
        StatScope.Listener => Stat.ListenerSslHandshake,
        StatScope.HttpConnectionManager => Stat.DownstreamRqCompleted,
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
        StatScope.Cluster => Stat.MembershipHealthy - Stat.UpstreamRqCompleted + 1,
        StatScope.Listener => Stat.ListenerSslFailVerify - Stat.ListenerSslHandshake + 1,
        StatScope.HttpConnectionManager => Stat.NoRoute - Stat.DownstreamRqCompleted + 1,
        StatScope.RouteConfiguration => 1,
        StatScope.ListenerManager => 2,
        StatScope.ClusterManager => 1,
        StatScope.ControlPlane => 1,
        StatScope.Server => Stat.DaysUntilFirstCertExpiring - Stat.Uptime + 1,
        _ => 0,
    };

    /// <summary>How values of several proxies become one number.</summary>
    /// <param name="stat">Any member.</param>
    public static GaugeCombine CombineOf(Stat stat) => stat switch
    {
        Stat.UpstreamCxActive => GaugeCombine.Sum,
        Stat.OutlierEjectionsActive or Stat.MembershipTotal => GaugeCombine.Largest,
        Stat.MembershipHealthy or Stat.ConnectedState or Stat.Uptime or Stat.Live
            or Stat.DaysUntilFirstCertExpiring => GaugeCombine.Smallest,
        _ => GaugeCombine.Counter,
    };

    /// <summary>Whether <paramref name="stat"/> is a gauge; otherwise it is a counter.</summary>
    /// <param name="stat">Any member.</param>
    public static bool IsGauge(Stat stat) => CombineOf(stat) != GaugeCombine.Counter;
}
