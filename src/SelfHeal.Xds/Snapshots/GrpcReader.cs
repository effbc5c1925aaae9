using System.Collections.Immutable;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Upstreams.Http.V3;
using SelfHeal.Core.Topology;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// Which clusters carry gRPC, and which connection managers lead to them without counting its failures. HTTP/2 alone
/// is no sign of gRPC, and a cluster that no route leads to is none of ours (Envoy calls its own control plane over
/// gRPC too).
/// </summary>
internal static class GrpcReader
{
    private const string HttpOptions = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

    /// <summary>The clusters, ordered by name, each with the managers that are blind to it.</summary>
    /// <param name="walk">The routes.</param>
    /// <param name="clusters">The clusters by name.</param>
    public static ImmutableArray<(GrpcCluster Cluster, ImmutableArray<ConnectionManager> Blind)> Read(
        RouteWalk walk, IReadOnlyDictionary<string, Cluster> clusters)
    {
        var signs = new SortedDictionary<string, GrpcSign>(StringComparer.Ordinal);
        var managers = new Dictionary<string, List<ConnectionManager>>(StringComparer.Ordinal);
        foreach (var host in walk.Hosts)
            ReadHost(host, manager: null);
        foreach (var manager in walk.Managers)
        {
            foreach (var host in manager.Hosts)
                ReadHost(host, manager);
        }

        return [.. signs.Select(sign => Judge(sign.Key, sign.Value, managers.GetValueOrDefault(sign.Key, [])))];

        void ReadHost(VirtualHost host, ConnectionManager? manager)
        {
            foreach (var route in host.Routes)
            {
                foreach (var target in RouteWalk.Targets(route))
                {
                    if (manager is not null)
                        Reach(target, manager);
                    if (SignOf(host, route, manager, clusters.GetValueOrDefault(target)) is { } sign)
                        signs[target] = signs.TryGetValue(target, out var known) && known < sign ? known : sign;
                }
            }
        }

        void Reach(string target, ConnectionManager manager)
        {
            if (!managers.TryGetValue(target, out var known))
                managers.Add(target, known = []);
            if (!known.Exists(other => ReferenceEquals(other, manager)))
                known.Add(manager);
        }
    }

    private static (GrpcCluster Cluster, ImmutableArray<ConnectionManager> Blind) Judge(
        string cluster, GrpcSign sign, List<ConnectionManager> managers)
    {
        ImmutableArray<ConnectionManager> blind = [.. managers.Where(static manager => !manager.HasGrpcStats)];
        var listeners = blind.Select(static manager => manager.Listener)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        var hasStats = blind.IsEmpty && managers.Count > 0;
        return (new GrpcCluster(cluster, sign, hasStats, [.. listeners]), blind);
    }

    private static GrpcSign? SignOf(VirtualHost host, Route route, ConnectionManager? manager, Cluster? cluster)
    {
        if (route.Match?.Grpc is not null)
            return GrpcSign.RouteMatch;
        if (cluster is null)
            return null;
        if (cluster.HealthChecks.Any(static check => check.GrpcHealthCheck is not null))
            return GrpcSign.HealthCheck;
        var translates = manager is { TranslatesGrpc: true } || ConnectionManager.TranslatesHere(host, route);
        return translates && SpeaksHttp2(cluster) ? GrpcSign.Filter : null;
    }

    /// <summary>Configured to speak HTTP/2 and nothing else; what is negotiated is not known here.</summary>
    private static bool SpeaksHttp2(Cluster cluster)
    {
        if (cluster.TypedExtensionProtocolOptions.TryGetValue(HttpOptions, out var any))
        {
            return any.TryUnpack(out HttpProtocolOptions options)
                && options.ExplicitHttpConfig?.Http2ProtocolOptions is not null;
        }

        // The old place of the same option, which Envoy still takes.
#pragma warning disable CS0612 // It is deprecated, and still in many configurations.
        return cluster.Http2ProtocolOptions is not null;
#pragma warning restore CS0612
    }
}
