using System.Collections.Immutable;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Google.Protobuf;
using SelfHeal.Core.Topology;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Snapshots;

/// <summary>Every route of a snapshot with the place that it stands in, and every connection manager.</summary>
/// <param name="Configurations">Routes that are RDS resources, by their order.</param>
/// <param name="Inline">Routes that are part of another resource: where, and what kind of place it is.</param>
/// <param name="Managers">Connection managers with the routes that they lead to.</param>
/// <param name="Proxies">TCP proxies with weighted clusters, and the listener of each.</param>
internal sealed record RouteWalk(
    ImmutableArray<RouteConfiguration> Configurations,
    ImmutableArray<(VersionSetOrigin Origin, string Where, VirtualHost Host)> Inline,
    ImmutableArray<ConnectionManager> Managers,
    ImmutableArray<(string Listener, TcpProxy Proxy)> Proxies)
{
    public static RouteWalk Of(ValidatedSnapshot snapshot)
    {
        var walk = new Walk(snapshot);
        foreach (var listener in snapshot.Get(TypeUrl.Listener).Resources)
        {
            if (listener.Decode() is { } message)
                MessageWalk.Visit(message, (part, path) => walk.VisitPart(listener.Name, part, path));
        }

        return walk.Result();
    }

    /// <summary>The clusters that a route sends requests to, in its order. Mirrors are not among them: what a mirror
    /// answers is thrown away.</summary>
    public static IEnumerable<string> Targets(Route route) => route.Route_?.ClusterSpecifierCase switch
    {
        RouteAction.ClusterSpecifierOneofCase.Cluster => [route.Route_.Cluster],
        RouteAction.ClusterSpecifierOneofCase.WeightedClusters => Weighted(route).Select(static w => w.Name),
        _ => [],
    };

    /// <summary>The clusters of a weighted route. One taken from a header has no name here and no share that could be
    /// told.</summary>
    public static IEnumerable<WeightedCluster.Types.ClusterWeight> Weighted(Route route) =>
        route.Route_?.WeightedClusters?.Clusters.Where(static cluster => cluster.Name.Length > 0) ?? [];

    /// <summary>All virtual hosts of routes, wherever they stand.</summary>
    public IEnumerable<VirtualHost> Hosts => Configurations.SelectMany(static c => c.VirtualHosts)
        .Concat(Inline.Select(static place => place.Host));

    private static IEnumerable<T> Decode<T>(ValidatedSnapshot snapshot, string typeUrl)
        where T : class, IMessage => snapshot.Get(typeUrl).Resources.Select(static r => r.Decode()).OfType<T>();

    private sealed class Walk
    {
        private readonly ImmutableArray<RouteConfiguration> _configurations;
        private readonly ImmutableArray<ScopedRouteConfiguration> _scopes;
        private readonly ImmutableArray<VirtualHost> _hosts;
        private readonly List<(VersionSetOrigin Origin, string Where, VirtualHost Host)> _inline = [];
        private readonly List<ConnectionManager> _managers = [];
        private readonly List<(string Listener, TcpProxy Proxy)> _proxies = [];

        public Walk(ValidatedSnapshot snapshot)
        {
            _configurations = [.. Decode<RouteConfiguration>(snapshot, TypeUrl.RouteConfiguration)];
            _scopes = [.. Decode<ScopedRouteConfiguration>(snapshot, TypeUrl.ScopedRouteConfiguration)];
            _hosts = [.. Decode<VirtualHost>(snapshot, TypeUrl.VirtualHost)];
            foreach (var host in _hosts)
                _inline.Add((VersionSetOrigin.VirtualHost, $"virtual host {host.Name}", host));
            foreach (var scope in _scopes.Where(static scope => scope.RouteConfiguration is not null))
                AddInline(VersionSetOrigin.ScopedRoute, $"scoped routes {scope.Name}", scope.RouteConfiguration);
        }

        public void VisitPart(string listener, IMessage part, string path)
        {
            switch (part)
            {
                case HttpConnectionManager manager:
                    Add(listener, manager, path);
                    break;
                case TcpProxy { WeightedClusters.Clusters.Count: > 1 } proxy:
                    _proxies.Add((listener, proxy));
                    break;
            }
        }

        public RouteWalk Result() => new(_configurations, [.. _inline], [.. _managers], [.. _proxies]);

        private void Add(string listener, HttpConnectionManager manager, string path)
        {
            var routes = new List<RouteConfiguration>();
            if (manager.RouteConfig is { } inline)
            {
                routes.Add(inline);
                AddInline(VersionSetOrigin.InlineRoute, $"listener {listener}", inline);
            }

            foreach (var scope in manager.ScopedRoutes?.ScopedRouteConfigurationsList?.ScopedRouteConfigurations ?? [])
            {
                AddScope(scope, routes);
                if (scope.RouteConfiguration is { } scoped)
                    AddInline(VersionSetOrigin.ScopedRoute, $"listener {listener}, scope {scope.Name}", scoped);
            }

            // Which of the served scopes a manager takes is not worth telling apart here: all that it may take.
            if (manager.ScopedRoutes?.ScopedRds is not null)
            {
                foreach (var scope in _scopes)
                    AddScope(scope, routes);
            }

            AddNamed(manager.Rds?.RouteConfigName, routes);
            var hosts = routes.SelectMany(HostsOf).ToImmutableArray();
            _managers.Add(new ConnectionManager(listener, path, manager, hosts));
        }

        private void AddScope(ScopedRouteConfiguration scope, List<RouteConfiguration> routes)
        {
            if (scope.RouteConfiguration is { } scoped)
                routes.Add(scoped);
            AddNamed(scope.RouteConfigurationName, routes);
        }

        private void AddNamed(string? name, List<RouteConfiguration> routes) =>
            routes.AddRange(_configurations.Where(configuration => configuration.Name == name));

        private void AddInline(VersionSetOrigin origin, string where, RouteConfiguration configuration) =>
            _inline.AddRange(configuration.VirtualHosts.Select(
                host => (origin, $"{where}, virtual host {host.Name}", host)));

        /// <summary>A virtual host that is a resource of its own bears its route configuration's name (VHDS).</summary>
        private IEnumerable<VirtualHost> HostsOf(RouteConfiguration configuration) =>
            configuration.Vhds is null
                ? configuration.VirtualHosts
                : configuration.VirtualHosts.Concat(_hosts.Where(
                    host => host.Name.StartsWith($"{configuration.Name}/", StringComparison.Ordinal)));
    }
}
