using SelfHeal.Core.Topology;

namespace SelfHeal.UnitTests.Topology;

public sealed class IstioClusterNameTests
{
    [TestCase("outbound|80|v2|pay.shop.svc", IstioDirection.Outbound, 80, "v2", "pay.shop.svc")]
    [TestCase("outbound|80||pay.shop", IstioDirection.Outbound, 80, "", "pay.shop")]
    [TestCase("outbound|80|v2|pay.shop;", IstioDirection.Outbound, 80, "v2", "pay.shop")]
    [TestCase("outbound_.80_.v2_.pay.shop", IstioDirection.Outbound, 80, "v2", "pay.shop")]
    [TestCase("outbound_.80_._.pay.shop", IstioDirection.Outbound, 80, "", "pay.shop")]
    [TestCase("inbound|8080||", IstioDirection.Inbound, 8080, "", "")]
    [TestCase("inbound|8080|http|pay.shop", IstioDirection.Inbound, 8080, "", "pay.shop")]
    [TestCase("inbound-vip|80|http|pay.shop", IstioDirection.InboundVip, 80, "", "pay.shop")]
    [TestCase("inbound-vip|80|http/v2|pay.shop", IstioDirection.InboundVip, 80, "v2", "pay.shop")]
    [TestCase("outbound|0||pay", IstioDirection.Outbound, 0, "", "pay")]
    public void TryParse_NameOfIstio_GivesItsParts(
        string text, IstioDirection direction, int port, string version, string host)
    {
        Assert.That(IstioClusterName.TryParse(text, out var name), Is.True);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                (name!.Direction, name.Port, name.Version, name.Host), Is.EqualTo((direction, port, version, host)));
            Assert.That(name.ToString(), Is.EqualTo(text));
        }
    }

    [TestCase("")]
    [TestCase(";")]
    [TestCase("payments-v1")]
    [TestCase("PassthroughCluster")]
    [TestCase("outbound|80|v2")]
    [TestCase("outbound|80|v2|")]
    [TestCase("outbound|80|v2|pay|more")]
    [TestCase("outbound|080|v2|pay")]
    [TestCase("outbound|65536|v2|pay")]
    [TestCase("outbound|-1|v2|pay")]
    [TestCase("outbound|80\0|v2|pay")]
    [TestCase("outbound|+80|v2|pay")]
    [TestCase("outbound||v2|pay")]
    [TestCase("upbound|80|v2|pay")]
    [TestCase("outbound|80|v2|pay;;")]
    [TestCase("outbound_.80_.v2")]
    [TestCase("inbound|http|9080")]
    [TestCase("inbound-vip|80||")]
    public void TryParse_AnyOtherName_IsNotIstios(string text) =>
        Assert.That(IstioClusterName.TryParse(text, out _), Is.False);
}
