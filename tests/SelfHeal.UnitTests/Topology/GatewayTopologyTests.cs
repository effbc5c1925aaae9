using SelfHeal.Core.Topology;

namespace SelfHeal.UnitTests.Topology;

public sealed class GatewayTopologyTests
{
    [Test]
    public void FromNames_StatNamesOfIstio_GiveServicesAndVersions()
    {
        var topology = GatewayTopology.FromNames(
        [
            "outbound|80|v2|pay.shop;", "outbound|80||pay.shop;", "outbound|80|v1|pay.shop;", "inbound|8080||;",
            "xds-grpc;", "outbound|80|v1|pay.shop;",
        ]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(topology.Splits, Is.Empty, "nothing can be written where nothing is served");
            Assert.That(topology.Clusters, Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
            Assert.That(
                topology.SiblingGroups().Single().Select(static v => (v.Version, v.Cluster)),
                Is.EqualTo(new[] { ("v1", "outbound|80|v1|pay.shop;"), ("v2", "outbound|80|v2|pay.shop;") }));
            Assert.That(
                ServiceScope.From(topology).Select(static s => (s.Service, s.Versions.Length)),
                Is.EqualTo(new[] { ("inbound|8080||;", 1), ("pay.shop", 3), ("xds-grpc;", 1) }));
        }
    }

    [Test]
    public void FromNames_PlainNames_AreServicesOfTheirOwn()
    {
        var topology = GatewayTopology.FromNames(["payments-v2", "payments-v1"]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(topology.SiblingGroups(), Is.Empty, "a name is no declaration");
            Assert.That(
                ServiceScope.From(topology).Select(static s => s.Service),
                Is.EqualTo(new[] { "payments-v1", "payments-v2" }));
        }
    }

    [Test]
    public void FromNames_OneSubset_HasNoSibling() =>
        Assert.That(GatewayTopology.FromNames(["outbound|80|v1|a", "outbound|81|v2|a"]).SiblingGroups(), Is.Empty);
}
