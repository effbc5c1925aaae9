using SelfHeal.Core.Topology;

namespace SelfHeal.UnitTests.Topology;

public sealed class ClusterIdentityTests
{
    [TestCase("pay", "", "pay")]
    [TestCase("pay", "other", "other")]
    [TestCase("10.0.0.1:80", "", "10.0.0.1_80")]
    [TestCase("pay", "http://pay:80", "http_pay_80")]
    [TestCase("pay", "a:/b", "a_b")]
    [TestCase("..pay..", "", "..pay")]
    [TestCase("a..b", "", "a..b")]
    [TestCase("pay", "pay.:", "pay._")]
    [TestCase(".", "", "")]
    [TestCase("a\0b", "", "a_b")]
    [TestCase("outbound|80|v2|pay.shop", "outbound|80|v2|pay.shop;", "outbound|80|v2|pay.shop;")]
    public void Of_NameAndAlternative_IsAsEnvoyWritesIt(string name, string altStatName, string statName) =>
        Assert.That(ClusterIdentity.Of(name, altStatName), Is.EqualTo(new ClusterIdentity(name, statName)));
}
