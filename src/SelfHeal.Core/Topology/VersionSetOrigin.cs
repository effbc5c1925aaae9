namespace SelfHeal.Core.Topology;

/// <summary>What says that some clusters are versions of one service, where it is no route of RDS.</summary>
public enum VersionSetOrigin
{
    /// <summary>A weighted route in the <c>route_config</c> of a listener's connection manager.</summary>
    InlineRoute,

    /// <summary>A weighted route within a scoped route configuration.</summary>
    ScopedRoute,

    /// <summary>A weighted route in a virtual host that is a resource of its own (VHDS).</summary>
    VirtualHost,

    /// <summary>The weighted clusters of a TCP proxy.</summary>
    TcpProxy,

    /// <summary>Routes of one virtual host with the same path and different conditions: a canary by header.</summary>
    RouteCondition,

    /// <summary>The names that Istio gives its clusters.</summary>
    IstioNames,
}
