using System.Text;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Sidecar.Xds.Proxies;
using SelfHeal.Xds.Resources;

namespace SelfHeal.UnitTests.Sidecar.Xds;

internal sealed class RedactionTests
{
    private const string Key = "-----BEGIN PRIVATE KEY----- hush";

    [Test]
    public void Of_Secret_ShowsNothing() => Assert.That(
        Redaction.Of(XdsResource.FromMessage(new Secret
        {
            Name = "tls",
            GenericSecret = new GenericSecret { Secret = new DataSource { InlineString = Key } },
        })),
        Is.Null);

    [Test]
    public void Of_TypeThatIsNotKnown_ShowsNothing() =>
        Assert.That(Redaction.Of(XdsResource.FromBytes("type.googleapis.com/acme.X", "x", [1])), Is.Null);

    [Test]
    public void Of_InlineKeyInATransportSocket_SaysThatItIsNotShown()
    {
        var shown = Redaction.Of(ClusterWith(new DataSource { InlineString = Key }))!; // A type of the API.

        var text = ResourceJson.Format(shown);
        Assert.That(text, Does.Contain("[redacted]").And.Contains("cert.pem").And.Contains("payments"));
        Assert.That(Encoding.UTF8.GetString(shown.AnyBytes.Span), Does.Not.Contain("hush"));
    }

    [Test]
    public void Of_InlineBytes_SayThatTheyAreNotShown()
    {
        var shown = Redaction.Of(ClusterWith(new DataSource { InlineBytes = ByteString.CopyFromUtf8(Key) }))!; // Known.

        Assert.That(Encoding.UTF8.GetString(shown.AnyBytes.Span), Does.Contain("[redacted]").And.Not.Contains("hush"));
    }

    [Test]
    public void Of_NothingSensitive_IsByteForByteTheSame()
    {
        var resource = XdsResource.FromMessage(new Cluster { Name = "payments", AltStatName = "p" });

        Assert.That(Redaction.Of(resource)?.AnyBytes.ToArray(), Is.EqualTo(resource.AnyBytes.ToArray()));
    }

    [Test]
    public void Of_AnyOfATypeThatIsNotKnown_IsEmptied()
    {
        var resource = XdsResource.FromMessage(new TypedExtensionConfig
        {
            Name = "private",
            TypedConfig = new Any { TypeUrl = "type.googleapis.com/acme.X", Value = ByteString.CopyFromUtf8(Key) },
        });

        Assert.That(Encoding.UTF8.GetString(Redaction.Of(resource)!.AnyBytes.Span), // A type of the API.
            Does.Contain("acme.X").And.Not.Contains("hush"));
    }

    private static XdsResource ClusterWith(DataSource key)
    {
        var certificate = new TlsCertificate
        {
            CertificateChain = new DataSource { Filename = "cert.pem" },
            PrivateKey = key,
        };
        var context = new UpstreamTlsContext
        {
            CommonTlsContext = new CommonTlsContext { TlsCertificates = { certificate } },
        };
        return XdsResource.FromMessage(new Cluster
        {
            Name = "payments",
            TransportSocket = new TransportSocket { Name = "tls", TypedConfig = Any.Pack(context) },
        });
    }
}
