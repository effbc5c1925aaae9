namespace SelfHeal.Core.Series;

/// <summary>What an Envoy stat describes; together with a name it says which one.</summary>
public enum StatScope : byte
{
    /// <summary>Not a stat that anything here reads.</summary>
    None = 0,

    /// <summary>An upstream cluster; the name is the cluster's and may hold dots.</summary>
    Cluster = 1,

    /// <summary>A listener; the name is its address or stat prefix.</summary>
    Listener = 2,

    /// <summary>An HTTP connection manager; the name is its stat prefix.</summary>
    HttpConnectionManager = 3,

    /// <summary>A route configuration taken over RDS; the name is the resource's.</summary>
    RouteConfiguration = 4,

    /// <summary>The listener manager; no name.</summary>
    ListenerManager = 5,

    /// <summary>The cluster manager; no name.</summary>
    ClusterManager = 6,

    /// <summary>The proxy's connection to its control plane; no name.</summary>
    ControlPlane = 7,

    /// <summary>The proxy itself; no name.</summary>
    Server = 8,
}
