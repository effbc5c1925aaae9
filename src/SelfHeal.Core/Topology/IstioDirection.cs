namespace SelfHeal.Core.Topology;

/// <summary>Which way the traffic of an Istio cluster goes, as its name says.</summary>
public enum IstioDirection
{
    /// <summary><c>outbound</c>: from the proxy to a service.</summary>
    Outbound,

    /// <summary><c>inbound</c>: from the proxy to its own workload.</summary>
    Inbound,

    /// <summary><c>inbound-vip</c>: from a waypoint to a service that it stands in front of.</summary>
    InboundVip,
}
