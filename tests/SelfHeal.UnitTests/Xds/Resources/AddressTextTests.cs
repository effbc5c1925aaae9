using Envoy.Config.Core.V3;
using SelfHeal.Xds.Resources;

namespace SelfHeal.UnitTests.Xds.Resources;

internal sealed class AddressTextTests
{
    [TestCase("10.0.0.1", 80u, "10.0.0.1:80")]
    [TestCase("::1", 443u, "[::1]:443")]
    public void Of_SocketAddress_IsHostAndPort(string host, uint port, string expected) => Assert.That(
        AddressText.Of(new Address { SocketAddress = new SocketAddress { Address = host, PortValue = port } }),
        Is.EqualTo(expected));

    [Test]
    public void Of_OtherKinds_NameTheirKind()
    {
        var named = new SocketAddress { Address = "h", NamedPort = "http" };
        var inner = new EnvoyInternalAddress { ServerListenerName = "l", EndpointId = "1" };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(AddressText.Of(new Address { SocketAddress = named }), Is.EqualTo("h:http"));
            Assert.That(AddressText.Of(new Address { Pipe = new Pipe { Path = "/s" } }), Is.EqualTo("unix:/s"));
            Assert.That(AddressText.Of(new Address { EnvoyInternalAddress = inner }), Is.EqualTo("internal:l/1"));
            Assert.That(AddressText.Of(new Address()), Is.Empty);
            Assert.That(AddressText.Of(null), Is.Empty);
        }
    }
}
