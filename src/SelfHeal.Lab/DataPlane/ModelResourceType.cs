namespace SelfHeal.Lab.DataPlane;

/// <summary>The resource types that the model asks for, in the order in which Envoy needs them.</summary>
internal enum ModelResourceType
{
    /// <summary>CDS: <c>envoy.config.cluster.v3.Cluster</c>.</summary>
    Cluster,

    /// <summary>EDS: <c>envoy.config.endpoint.v3.ClusterLoadAssignment</c>.</summary>
    Endpoint,

    /// <summary>LDS: <c>envoy.config.listener.v3.Listener</c>.</summary>
    Listener,

    /// <summary>RDS: <c>envoy.config.route.v3.RouteConfiguration</c>.</summary>
    Route,
}
