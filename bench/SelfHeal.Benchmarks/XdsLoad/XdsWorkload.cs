using System.Globalization;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Benchmarks.XdsLoad;

/// <summary>
/// What every server serves: clusters of about 240 bytes with endpoints from EDS, named as those of the
/// go-control-plane server that is the peer.
/// </summary>
internal static class XdsWorkload
{
    private const int EndpointsPerCluster = 3;

    /// <summary>The name of a cluster and of its assignment.</summary>
    public static string NameOf(int index) =>
        string.Create(CultureInfo.InvariantCulture, $"payments-api-{index:D4}.default.dc1.internal");

    /// <summary>A cluster.</summary>
    /// <param name="index">Which.</param>
    /// <param name="generation">Another one has other content of the same length.</param>
    public static XdsResource Cluster(int index, int generation) => XdsResource.FromMessage(new Cluster
    {
        Name = NameOf(index),
        Type = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Eds,
        EdsClusterConfig = new Cluster.Types.EdsClusterConfig
        {
            EdsConfig = new ConfigSource
            {
                Ads = new AggregatedConfigSource(),
                ResourceApiVersion = ApiVersion.V3,
            },
            ServiceName = NameOf(index),
        },
        ConnectTimeout = new Duration { Seconds = 1, Nanos = 1_000_000 + (generation % 1_000_000) },
        LbPolicy = Envoy.Config.Cluster.V3.Cluster.Types.LbPolicy.LeastRequest,
        AltStatName = NameOf(index),
        CircuitBreakers = new CircuitBreakers
        {
            Thresholds =
            {
                new CircuitBreakers.Types.Thresholds
                {
                    MaxConnections = 1024, MaxPendingRequests = 1024, MaxRequests = 4096, MaxRetries = 16,
                },
            },
        },
        OutlierDetection = new OutlierDetection
        {
            Consecutive5Xx = 5,
            Interval = new Duration { Seconds = 10 },
            BaseEjectionTime = new Duration { Seconds = 30 },
            MaxEjectionPercent = 30,
        },
    });

    /// <summary>The endpoints of a cluster.</summary>
    /// <param name="index">Which.</param>
    /// <param name="generation">Another one has other content.</param>
    public static XdsResource Assignment(int index, int generation)
    {
        var locality = new LocalityLbEndpoints { LoadBalancingWeight = 1 + (uint)(generation % 100) };
        for (var i = 0; i < EndpointsPerCluster; i++)
        {
            locality.LbEndpoints.Add(new LbEndpoint
            {
                Endpoint = new Envoy.Config.Endpoint.V3.Endpoint
                {
                    Address = new Address
                    {
                        SocketAddress = new SocketAddress
                        {
                            Address = string.Create(
                                CultureInfo.InvariantCulture, $"10.{index / 250 % 250}.{index % 250}.{i + 1}"),
                            PortValue = 8080,
                        },
                    },
                },
            });
        }

        return XdsResource.FromMessage(
            new ClusterLoadAssignment { ClusterName = NameOf(index), Endpoints = { locality } });
    }
}
