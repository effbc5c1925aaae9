using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Hosting;

namespace SelfHeal.FunctionalTests.Sidecar;

[CancelAfter(60_000)]
internal sealed class ListenerTests
{
    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Directory.CreateTempSubdirectory("sh-").FullName;

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public async Task Send_ToTheOtherListener_IsNotFound(CancellationToken cancellationToken)
    {
        await using var host = await TestHost.StartAsync(TestHost.OptionsOnLoopback(), MapCatchAll);
        using var admin = host.CreateAdminClient();
        using var xds = host.CreateXdsClient();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await xds.GetStringAsync(new Uri("/healthz", UriKind.Relative), cancellationToken),
                Is.EqualTo("grpc"), "the gRPC listener's own catch-all answers, not the admin API");
            Assert.That(await admin.GetStringAsync(new Uri("/healthz", UriKind.Relative), cancellationToken),
                Is.EqualTo("ok\n"));
            using var other = await admin.GetAsync(new Uri("/pkg.Service/Method", UriKind.Relative), cancellationToken);
            Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        }
    }

    [Test]
    public async Task Send_HostHeaderOfTheOtherListener_ChangesNothing(CancellationToken cancellationToken)
    {
        await using var host = await TestHost.StartAsync(TestHost.OptionsOnLoopback(), MapCatchAll);
        using var xds = host.CreateXdsClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Host = host.Host.AdminAddress.ToString();
        using var response = await xds.SendAsync(request, cancellationToken);

        Assert.That(await response.Content.ReadAsStringAsync(cancellationToken), Is.EqualTo("grpc"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Build_PortInUse_NamesAddressAndKey(bool isXds)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var inUse = new ListenAddress.Tcp(IPAddress.Loopback, ((IPEndPoint)taken.LocalEndpoint).Port);
        var free = new ListenAddress.Tcp(IPAddress.Loopback, 0);
        var options = new SelfHealOptions
        {
            Xds = new XdsOptions { Listen = isXds ? inUse : free },
            Admin = new AdminOptions { Listen = isXds ? free : inUse },
        };

        Assert.That(
            () => TestHost.StartAsync(options, _ => { }),
            Throws.TypeOf<ListenFailedException>().With.Message.EqualTo(
                $"{(isXds ? "xds" : "admin")}.listen: cannot listen on {inUse}: "
                + "the address is in use; stop what listens there or choose another one"));
    }

    [Test]
    public async Task Build_StaleUnixSocket_IsReplacedAndALiveOneIsNot(CancellationToken cancellationToken)
    {
        var path = Path.Combine(_directory, "admin.sock");
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(path));
            File.Move(path, path + "2");
        }

        File.Move(path + "2", path);
        var options = new SelfHealOptions
        {
            Xds = TestHost.OptionsOnLoopback().Xds,
            Admin = new AdminOptions { Listen = new ListenAddress.Unix(path) },
        };
        await using var host = await TestHost.StartAsync(options, _ => { });
        using var client = SelfHeal.Sidecar.Commands.AdminClient.TryCreate($"unix:{path}");
        var reply = client is null ? null : await client.GetAsync("healthz", cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(reply, Is.TypeOf<SelfHeal.Sidecar.Commands.AdminReply.Answered>());
            Assert.That(() => TestHost.StartAsync(options, _ => { }), Throws.TypeOf<ListenFailedException>());
            if (!OperatingSystem.IsWindows())
                Assert.That(File.GetUnixFileMode(path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
    }

    [Test]
    public void Build_UnixPathIsSomebodysFile_LeavesItAlone()
    {
        var path = Path.Combine(_directory, "notes.txt");
        File.WriteAllText(path, "mine");
        var options = new SelfHealOptions
        {
            Xds = TestHost.OptionsOnLoopback().Xds,
            Admin = new AdminOptions { Listen = new ListenAddress.Unix(path) },
        };

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => TestHost.StartAsync(options, _ => { }), Throws.TypeOf<ListenFailedException>());
            Assert.That(File.ReadAllText(path), Is.EqualTo("mine"));
        }
    }

    [Test]
    public async Task Send_MutualTls_WantsACertificateOfOurAuthority(CancellationToken cancellationToken)
    {
        using var authority = CreateCertificate("authority", null);
        using var server = CreateCertificate("server", authority);
        using var client = CreateCertificate("client", authority);
        using var stranger = CreateCertificate("client", null);
        var tls = new XdsTlsOptions
        {
            Certificate = Write("server.pem", server.ExportCertificatePem()),
            Key = Write("server.key", server.GetECDsaPrivateKey()?.ExportPkcs8PrivateKeyPem() ?? ""),
            ClientCa = Write("ca.pem", authority.ExportCertificatePem()),
        };
        await using var host = await TestHost.StartAsync(TestHost.OptionsOnLoopback(tls), MapCatchAll);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await GetTlsAsync(host, server, client, cancellationToken), Is.EqualTo("grpc"));
            Assert.That(
                () => GetTlsAsync(host, server, stranger, cancellationToken),
                Throws.InstanceOf<HttpRequestException>());
            Assert.That(
                () => GetTlsAsync(host, server, null, cancellationToken), Throws.InstanceOf<HttpRequestException>());
        }
    }

    [Test]
    public void Build_BrokenCertificate_NamesTheKey()
    {
        var tls = new XdsTlsOptions { Certificate = Write("a.pem", "nothing"), Key = Write("a.key", "nothing") };

        Assert.That(
            () => TestHost.StartAsync(TestHost.OptionsOnLoopback(tls), _ => { }),
            Throws.TypeOf<TlsFailedException>().With.Message.StartsWith("xds.tls.certificate: "));
    }

    private static void MapCatchAll(IEndpointRouteBuilder routes) =>
        routes.Map("/{**path}", context => context.Response.WriteAsync("grpc"));

    private static async Task<string> GetTlsAsync(
        TestHost host, X509Certificate2 server, X509Certificate2? certificate, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, sent, _, _) => server.Equals(sent),
            ClientCertificates = certificate is null ? [] : [certificate],
        };
        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{host.Host.XdsAddress}/x")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var response = await http.SendAsync(request, cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    private static X509Certificate2 CreateCertificate(string name, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(issuer is null, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        if (issuer is null)
            return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using var signed = request.Create(issuer, now.AddHours(-1), now.AddHours(1), [1, 2, (byte)name.Length]);
        return signed.CopyWithPrivateKey(key);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }
}
