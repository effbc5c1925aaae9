namespace SelfHeal.Core.Topology;

/// <summary>How the configuration tells that a cluster carries gRPC; the strongest sign first.</summary>
public enum GrpcSign
{
    /// <summary>A route with <c>match.grpc</c> leads to it.</summary>
    RouteMatch,

    /// <summary>Its health is checked over gRPC.</summary>
    HealthCheck,

    /// <summary>It speaks HTTP/2 and a connection manager or route with a gRPC bridge, gRPC-Web or JSON transcoding
    /// leads to it.</summary>
    Filter,
}
