using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.UnitTests.Xds;

/// <summary>Small valid resources, each with one knob that changes its content.</summary>
internal static class TestResources
{
    private static readonly ConfigSource Ads = new() { Ads = new AggregatedConfigSource() };

    public static XdsResource Cluster(string name, int knob = 1) => XdsResource.FromMessage(new Cluster
    {
        Name = name,
        Type = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Eds,
        ConnectTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(knob)),
        EdsClusterConfig = new Cluster.Types.EdsClusterConfig { EdsConfig = Ads },
    });

    public static XdsResource Endpoints(string cluster, int knob = 1) =>
        XdsResource.FromMessage(new ClusterLoadAssignment
        {
            ClusterName = cluster,
            Endpoints = { new LocalityLbEndpoints { LbEndpoints = { EndpointAt((uint)(8000 + knob)) } } },
        });

    public static XdsResource Route(string name, string cluster, int knob = 1) =>
        XdsResource.FromMessage(new RouteConfiguration
        {
            Name = name,
            VirtualHosts =
        {
            new VirtualHost
            {
                Name = "all",
                Domains = { "*" },
                Routes =
                {
                    new Route
                    {
                        Match = new RouteMatch { Prefix = "/" },
                        Route_ = new RouteAction
                        {
                            Cluster = cluster,
                            Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(knob)),
                        },
                    },
                },
            },
        },
        });

    public static XdsResource Listener(string name, string route, int knob = 1)
    {
        var manager = new HttpConnectionManager
        {
            StatPrefix = name,
            Rds = new Rds { RouteConfigName = route, ConfigSource = Ads },
            HttpFilters = { new HttpFilter { Name = "router", TypedConfig = Any.Pack(new Router()) } },
        };
        var filter = new Envoy.Config.Listener.V3.Filter { Name = "hcm", TypedConfig = Any.Pack(manager) };
        return XdsResource.FromMessage(new Listener
        {
            Name = name,
            Address = AddressAt((uint)(10000 + knob)),
            FilterChains =
            {
                new FilterChain { Filters = { filter } },
            },
        });
    }

    /// <summary>A listener, its route, the cluster and its endpoints, all under one knob.</summary>
    public static XdsResource[] Service(string name, int knob = 1) =>
        [
            Cluster(name, knob),
            Endpoints(name, knob),
            Listener($"{name}-listener", $"{name}-route", knob),
            Route($"{name}-route", name, knob)];

    /// <summary>A route that splits its traffic by weight.</summary>
    public static XdsResource Split(string name, params (string Cluster, uint Weight)[] shares)
    {
        var weighted = new WeightedCluster();
        weighted.Clusters.AddRange(shares.Select(
            share => new WeightedCluster.Types.ClusterWeight { Name = share.Cluster, Weight = share.Weight }));
        var route = new Route
        {
            Match = new RouteMatch { Prefix = "/" },
            Route_ = new RouteAction { WeightedClusters = weighted },
        };
        return XdsResource.FromMessage(new RouteConfiguration
        {
            Name = name,
            VirtualHosts = { new VirtualHost { Name = "shop", Domains = { "*" }, Routes = { route } } },
        });
    }

    public static ValidatedSnapshot Snapshot(params XdsResource[] resources)
    {
        var validation = new SnapshotValidator().Validate(SelfHeal.Xds.Snapshots.Snapshot.Create(resources));
        Assert.That(validation.Errors, Is.Empty);
        return validation.Snapshot ?? throw new AssertionException("the snapshot is not valid");
    }

    private static LbEndpoint EndpointAt(uint port) => new() { Endpoint = new Endpoint { Address = AddressAt(port) } };

    private static Address AddressAt(uint port) =>
        new() { SocketAddress = new SocketAddress { Address = "127.0.0.1", PortValue = port } };
}
