using SelfHeal.Core.Topology;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Snapshots;

public sealed class TopologyReaderTests
{
    [TestCase("payments-v1", "payments-v2", "payments", "v1", "v2")]
    [TestCase("payments_v1", "payments_v2", "payments", "v1", "v2")]
    [TestCase("pay-api-v1-eu", "pay-api-v2-eu", "pay-api", "v1-eu", "v2-eu")]
    [TestCase("payments-v1-a", "payments-v1-b", "payments", "v1-a", "v1-b")]
    [TestCase("payments-stable", "payments-canary", "payments", "stable", "canary")]
    [TestCase(
        "outbound|80|v1|pay.shop.svc.cluster.local",
        "outbound|80|v2|pay.shop.svc.cluster.local",
        "pay.shop.svc.cluster.local",
        "v1",
        "v2")]
    [TestCase("blue", "green", "shop", "blue", "green")]
    [TestCase("payments", "payments-v2", "shop", "payments", "payments-v2")]
    public void Read_Split_NamesServiceAndVersions(
        string one, string two, string service, string versionOne, string versionTwo)
    {
        var split = Read(one, two).Splits.Single();
        Assert.Multiple(() =>
        {
            Assert.That(split.Service, Is.EqualTo(service));
            Assert.That(
                split.Versions,
                Is.EqualTo(new[] { new VersionShare(versionOne, one, 90), new VersionShare(versionTwo, two, 10) }));
            Assert.That((split.RouteConfiguration, split.VirtualHost, split.Route), Is.EqualTo(("r", "shop", "#0")));
        });
    }

    [Test]
    public void Read_NoSplit_TellsTheClustersOnly()
    {
        var topology = TopologyReader.Read(Snapshot([.. Service("b"), .. Service("a")]));
        Assert.That(topology.Splits, Is.Empty);
        Assert.That(topology.Clusters, Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public void Read_OneClusterTwice_IsNoSplit() => Assert.That(Read("a", "a").Splits, Is.Empty);

    private static GatewayTopology Read(string one, string two)
    {
        string[] clusters = [.. new[] { one, two }.Distinct(StringComparer.Ordinal)];
        return TopologyReader.Read(Snapshot(
            [
                .. clusters.Select(name => Cluster(name)),
                .. clusters.Select(name => Endpoints(name)),
                Split("r", (one, 90), (two, 10))]));
    }
}
