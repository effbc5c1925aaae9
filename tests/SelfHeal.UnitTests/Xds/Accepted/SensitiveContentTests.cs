using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Resources;

namespace SelfHeal.UnitTests.Xds.Accepted;

internal sealed class SensitiveContentTests
{
    [TestCase(DataSource.SpecifierOneofCase.InlineString, true)]
    [TestCase(DataSource.SpecifierOneofCase.InlineBytes, true)]
    [TestCase(DataSource.SpecifierOneofCase.Filename, false)]
    [TestCase(DataSource.SpecifierOneofCase.EnvironmentVariable, false)]
    public void Find_KeyInATransportSocket_OnlyWhereItsValueStandsThere(
        DataSource.SpecifierOneofCase specifier, bool isFound)
    {
        var where = SensitiveContent.Find(ClusterWith(new TlsCertificate
        {
            CertificateChain = new DataSource { InlineString = "public" },
            PrivateKey = Source(specifier),
        }));

        Assert.That(where, isFound ? Does.Contain("private_key is sensitive") : Is.Null);
    }

    [Test]
    public void Find_TicketKeysOfAListener_AreFound()
    {
        var context = new DownstreamTlsContext
        {
            SessionTicketKeys = new TlsSessionTicketKeys { Keys = { new DataSource { InlineString = "secret" } } },
        };
        var listener = XdsResource.FromMessage(new Listener
        {
            Name = "l",
            FilterChains = { new FilterChain { TransportSocket = Socket(context) } },
        });

        Assert.That(SensitiveContent.Find(listener), Does.Contain("session_ticket_keys.keys is sensitive"));
    }

    [Test]
    public void Find_SecretResource_AlwaysIsOne() => Assert.That(
        SensitiveContent.Find(XdsResource.FromMessage(new Secret { Name = "s" })), Is.Not.Null);

    [Test]
    public void Find_ContentThatIsNotKnown_CountsAsASecret()
    {
        var opaque = XdsResource.FromBytes("type.googleapis.com/company.Opaque", "o", [1, 2, 3]);
        var extension = XdsResource.FromMessage(new TypedExtensionConfig
        {
            Name = "e",
            TypedConfig = new Any { TypeUrl = "type.googleapis.com/company.Filter" },
        });

        Assert.That(SensitiveContent.Find(opaque), Does.Contain("not known"));
        Assert.That(SensitiveContent.Find(extension), Does.Contain("typed_config is a company.Filter"));
    }

    [Test]
    public void Find_OrdinaryResources_HaveNone() => Assert.That(
        TestResources.Service("shop").Select(SensitiveContent.Find), Is.All.Null);

    private static XdsResource ClusterWith(TlsCertificate certificate) => XdsResource.FromMessage(new Cluster
    {
        Name = "c",
        TransportSocket = Socket(new UpstreamTlsContext
        {
            CommonTlsContext = new CommonTlsContext { TlsCertificates = { certificate } },
        }),
    });

    private static TransportSocket Socket(Google.Protobuf.IMessage context) =>
        new() { Name = "tls", TypedConfig = Any.Pack(context) };

    private static DataSource Source(DataSource.SpecifierOneofCase specifier) => specifier switch
    {
        DataSource.SpecifierOneofCase.InlineString => new DataSource { InlineString = "secret" },
        DataSource.SpecifierOneofCase.InlineBytes =>
            new DataSource { InlineBytes = Google.Protobuf.ByteString.CopyFromUtf8("secret") },
        DataSource.SpecifierOneofCase.Filename => new DataSource { Filename = "/etc/key.pem" },
        _ => new DataSource { EnvironmentVariable = "KEY" },
    };
}
