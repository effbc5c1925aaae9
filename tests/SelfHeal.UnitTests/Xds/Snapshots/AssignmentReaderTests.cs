using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Snapshots;

internal sealed class AssignmentReaderTests
{
    [TestCase("a", "127.0.0.1:8001", true)]
    [TestCase("a", "127.0.0.1:8002", false)]
    [TestCase("b", "127.0.0.1:8001", false)]
    [TestCase("static", "10.0.0.1:80", true)]
    [TestCase("static", "10.0.0.2:80", false)]
    public void IsAssigned_EdsAndStaticClusters_KnowTheirEndpoints(string cluster, string address, bool expected)
    {
        var inline = XdsResource.FromMessage(new Cluster
        {
            Name = "static",
            Type = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Static,
            ConnectTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
            LoadAssignment = new ClusterLoadAssignment
            {
                ClusterName = "static",
                Endpoints = { new LocalityLbEndpoints { LbEndpoints = { Draining("10.0.0.1") } } },
            },
        });

        var snapshot = Snapshot(Cluster("a"), Endpoints("a"), inline);

        Assert.That(AssignmentReader.IsAssigned(snapshot, cluster, address), Is.EqualTo(expected));
    }

    private static LbEndpoint Draining(string host) => new()
    {
        HealthStatus = HealthStatus.Draining,
        Endpoint = new Endpoint
        {
            Address = new Address { SocketAddress = new SocketAddress { Address = host, PortValue = 80 } },
        },
    };
}
