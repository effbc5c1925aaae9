using System.Collections.Immutable;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Google.Protobuf;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// What one resource says of itself and of others. It follows from the bytes alone, so it is worked out once per
/// resource however many snapshots hold it.
/// </summary>
/// <param name="IsDecodable">False for bytes that are not what the type says; true for opaque types.</param>
/// <param name="Problems">Broken rules that Envoy holds beyond those of the API: field and message.</param>
/// <param name="EndpointName">The EDS resource that a cluster waits for; null if it needs none from this
/// server.</param>
/// <param name="Clusters">Clusters that it sends traffic to: field and name.</param>
/// <param name="RouteConfigurations">Routes that it asks this server for: field and name.</param>
internal sealed record ResourceFacts(
    bool IsDecodable,
    ImmutableArray<(string Field, string Message)> Problems,
    string? EndpointName,
    ImmutableArray<(string Field, string Name)> Clusters,
    ImmutableArray<(string Field, string Name)> RouteConfigurations)
{
    private static readonly ResourceFacts Opaque = new(true, [], null, [], []);

    public static ResourceFacts Of(XdsResource resource)
    {
        if (resource.Decode() is not { } message)
            return Opaque with { IsDecodable = ResourceTypes.Find(TypeUrl.FullName(resource.TypeUrl)) is null };
        var problems = new List<(string Field, string Message)>();
        var clusters = new List<(string Field, string Name)>();
        var routes = new List<(string Field, string Name)>();
        MessageWalk.Visit(message, (part, path) =>
        {
            CheckPart(part, path, problems);
            CollectReferences(part, path, clusters, routes);
        });
        return new ResourceFacts(true, [.. problems], EndpointNameOf(message), [.. clusters], [.. routes]);
    }

    private static string? EndpointNameOf(IMessage message)
    {
        if (message is not Cluster { ClusterDiscoveryTypeCase: Cluster.ClusterDiscoveryTypeOneofCase.Type } cluster
            || cluster.Type != Cluster.Types.DiscoveryType.Eds || !IsOurs(cluster.EdsClusterConfig?.EdsConfig))
            return null;
        var service = cluster.EdsClusterConfig?.ServiceName;
        return string.IsNullOrEmpty(service) ? cluster.Name : service;
    }

    private static void CollectReferences(
        IMessage part,
        string path,
        List<(string Field, string Name)> clusters,
        List<(string Field, string Name)> routes)
    {
        switch (part)
        {
            case RouteAction { ClusterSpecifierCase: RouteAction.ClusterSpecifierOneofCase.Cluster } action:
                clusters.Add((MessageWalk.Join(path, "cluster"), action.Cluster));
                break;
            case WeightedCluster.Types.ClusterWeight { Name.Length: > 0 } weight:
                clusters.Add((MessageWalk.Join(path, "name"), weight.Name));
                break;
            case RouteAction.Types.RequestMirrorPolicy { Cluster.Length: > 0 } mirror:
                clusters.Add((MessageWalk.Join(path, "cluster"), mirror.Cluster));
                break;
            case TcpProxy { ClusterSpecifierCase: TcpProxy.ClusterSpecifierOneofCase.Cluster } proxy:
                clusters.Add((MessageWalk.Join(path, "cluster"), proxy.Cluster));
                break;
            case TcpProxy.Types.WeightedCluster.Types.ClusterWeight { Name.Length: > 0 } weight:
                clusters.Add((MessageWalk.Join(path, "name"), weight.Name));
                break;
            case Rds { RouteConfigName.Length: > 0 } rds when IsOurs(rds.ConfigSource):
                routes.Add((MessageWalk.Join(path, "route_config_name"), rds.RouteConfigName));
                break;
        }
    }

    /// <summary>Rules that Envoy holds beyond those written in the API.</summary>
    private static void CheckPart(IMessage part, string path, List<(string Field, string Message)> problems)
    {
        switch (part)
        {
            case WeightedCluster { Clusters.Count: > 0 } split:
                // Envoy adds the weights up in 64 bits and refuses more than 32 bits hold.
                var total = split.Clusters.Sum(cluster => (decimal)(cluster.Weight ?? 0));
                if (total is 0 or > uint.MaxValue)
                {
                    problems.Add((
                        MessageWalk.Join(path, "clusters"),
                        $"the sum of the weights is {total}, outside of [1, {uint.MaxValue}]"));
                }
                break;
            case RouteConfiguration configuration:
                CheckVirtualHosts(configuration, path, problems);
                break;
        }
    }

    private static void CheckVirtualHosts(
        RouteConfiguration configuration, string path, List<(string Field, string Message)> problems)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        // Host names are compared without case (RouteConfiguration.virtual_hosts).
        var domains = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < configuration.VirtualHosts.Count; index++)
        {
            var host = configuration.VirtualHosts[index];
            var place = MessageWalk.Join(path, $"virtual_hosts[{index}]");
            if (!names.TryAdd(host.Name, place))
                problems.Add(($"{place}.name", $"'{host.Name}' is already the name of {names[host.Name]}"));
            for (var item = 0; item < host.Domains.Count; item++)
            {
                var field = $"{place}.domains[{item}]";
                if (!domains.TryAdd(host.Domains[item], field))
                    problems.Add((field, $"'{host.Domains[item]}' is already {domains[host.Domains[item]]}"));
            }
        }
    }

    /// <summary>Whether a config source means the stream that delivered the resource.</summary>
    private static bool IsOurs(ConfigSource? source) =>
        source?.ConfigSourceSpecifierCase is ConfigSource.ConfigSourceSpecifierOneofCase.Ads
            or ConfigSource.ConfigSourceSpecifierOneofCase.Self;
}
