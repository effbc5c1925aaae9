using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Snapshots;

/// <summary>Reads which endpoints a cluster is assigned.</summary>
public static class AssignmentReader
{
    /// <summary>Whether a cluster has an endpoint, whatever its health status. One that proxies find by DNS is not
    /// known here.</summary>
    /// <param name="snapshot">What is served.</param>
    /// <param name="cluster">The cluster's name.</param>
    /// <param name="address">The endpoint's address, as <see cref="AddressText"/> writes it.</param>
    public static bool IsAssigned(ValidatedSnapshot snapshot, string cluster, string address)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (snapshot.Get(TypeUrl.Cluster).Find(cluster) is not { } resource)
            return false;
        var assignment = resource.Facts.EndpointName is { } name
            ? snapshot.Get(TypeUrl.ClusterLoadAssignment).Find(name)?.Decode() as ClusterLoadAssignment
            : (resource.Decode() as Cluster)?.LoadAssignment;
        return assignment is not null && assignment.Endpoints
            .SelectMany(static locality => locality.LbEndpoints)
            .Any(endpoint => AddressText.Of(endpoint.Endpoint?.Address) == address);
    }
}
