using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace SelfHeal.Lab.DataPlane;

/// <summary>Parses what a server sends and says, as Envoy does in its NACK, what is wrong with it.</summary>
internal static class ResourceDecoder
{
    /// <summary>Parses one resource; on failure <paramref name="error"/> is the text of the NACK.</summary>
    public static HeldResource? Decode(
        ModelResourceType type, Any any, string version, ModelFaults faults, out string? error)
    {
        if (!string.Equals(any.TypeUrl, ModelTypeUrl.Of(type), StringComparison.Ordinal))
        {
            error = $"type URL {any.TypeUrl} embedded in an individual Any does not match the message-wide type URL";
            return null;
        }

        try
        {
            var (name, message) = Parse(type, any.Value);
            error = Check(name, message, faults);
            return error is null ? new HeldResource(name, version, any, message) : null;
        }
        // A wrapper that is cut short behind a tag ends in InvalidOperationException (Google.Protobuf 3.25).
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidOperationException)
        {
            error = $"Unable to unpack as {any.TypeUrl}: {exception.Message}";
            return null;
        }
    }

    private static (string Name, IMessage Message) Parse(ModelResourceType type, ByteString bytes)
    {
        switch (type)
        {
            case ModelResourceType.Cluster:
                var cluster = Cluster.Parser.ParseFrom(bytes);
                return (cluster.Name, cluster);
            case ModelResourceType.Endpoint:
                var assignment = ClusterLoadAssignment.Parser.ParseFrom(bytes);
                return (assignment.ClusterName, assignment);
            case ModelResourceType.Listener:
                var listener = Listener.Parser.ParseFrom(bytes);
                return (listener.Name, listener);
            case ModelResourceType.Route:
                var routes = RouteConfiguration.Parser.ParseFrom(bytes);
                return (routes.Name, routes);
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "an unknown resource type");
        }
    }

    private static string? Check(string name, IMessage message, ModelFaults faults)
    {
        if (name.Length == 0)
            return $"{message.Descriptor.Name} without a name";
        switch (message)
        {
            case Listener listener when listener.Address?.SocketAddress is null:
                return $"error adding listener '{name}': no socket address";
            case RouteConfiguration routes when HasEmptySplit(routes):
                return $"{name}: Sum of weights in the weighted_cluster must be greater than 0.";
            case RouteConfiguration routes when faults.RejectRoutes?.Invoke(routes) == true:
                return $"{name}: rejected by the lab's fault";
            default:
                return null;
        }
    }

    private static bool HasEmptySplit(RouteConfiguration routes) =>
        routes.VirtualHosts
            .SelectMany(host => host.Routes)
            .Select(route => route.Route_?.WeightedClusters)
            .Any(split => split is not null && split.Clusters.Sum(cluster => (long)(cluster.Weight ?? 0)) == 0);
}
