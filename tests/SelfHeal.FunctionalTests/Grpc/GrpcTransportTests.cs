using System.Net;
using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.Grpc;

/// <summary>TLS, mutual TLS and Unix domain sockets.</summary>
internal sealed class GrpcTransportTests
{
    private readonly LogCollector _logs = new();
    private readonly TestCertificates _authority = new("test authority");
    private readonly TestCertificates _otherAuthority = new("other authority");

    [TearDown]
    public void CheckLogs() => Assert.That(_logs.Errors, Is.Empty);

    [Test]
    public async Task Tls_AuthorityKnown_Answered()
    {
        await using var server = await StartTlsAsync(new GrpcServerTls { Certificate = _authority.IssueServer });
        using var channel = ConnectTls(server, new GrpcChannelOptions { ServerAuthorities = _authority.Authorities });
        Assert.That(await PeerAsync(channel), Does.StartWith("127.0.0.1:").And.EndsWith("|"));
    }

    [Test]
    public async Task Tls_AuthorityUnknown_Unavailable()
    {
        await using var server = await StartTlsAsync(new GrpcServerTls { Certificate = _authority.IssueServer });
        using var channel = ConnectTls(server,
            new GrpcChannelOptions { ServerAuthorities = _otherAuthority.Authorities });
        AssertUnavailable(channel);
    }

    [Test]
    public async Task Tls_OtherServerName_Unavailable()
    {
        await using var server = await StartTlsAsync(new GrpcServerTls { Certificate = _authority.IssueServer });
        using var channel = ConnectTls(server, new GrpcChannelOptions
        {
            ServerAuthorities = _authority.Authorities,
            ServerName = "elsewhere",
        });
        AssertUnavailable(channel);
    }

    [Test]
    public async Task Mtls_ClientCertificate_SeenByTheHandler()
    {
        await using var server = await StartTlsAsync(MutualTls());
        using var certificate = _authority.IssueClient("envoy-1");
        using var channel = ConnectTls(server, new GrpcChannelOptions
        {
            ServerAuthorities = _authority.Authorities,
            ClientCertificate = () => certificate,
        });
        Assert.That(await PeerAsync(channel), Does.EndWith("|CN=envoy-1"));
    }

    [Test]
    public async Task Mtls_NoClientCertificate_Unavailable()
    {
        await using var server = await StartTlsAsync(MutualTls());
        using var channel = ConnectTls(server, new GrpcChannelOptions { ServerAuthorities = _authority.Authorities });
        AssertUnavailable(channel);
    }

    [Test]
    public async Task Mtls_ClientOfOtherAuthorityOrServerUsage_Unavailable()
    {
        await using var server = await StartTlsAsync(MutualTls());
        foreach (var certificate in new[] { _otherAuthority.IssueClient("envoy-1"), _authority.IssueServer() })
        {
            using var channel = ConnectTls(server, new GrpcChannelOptions
            {
                ServerAuthorities = _authority.Authorities,
                ClientCertificate = () => certificate,
            });
            AssertUnavailable(channel);
        }
    }

    [Test]
    public async Task Mtls_OwnCheckRefuses_Unavailable()
    {
        await using var server = await StartTlsAsync(
            MutualTls() with { ValidateClient = c => c.Subject is "CN=envoy-2" });
        using var certificate = _authority.IssueClient("envoy-1");
        using var channel = ConnectTls(server, new GrpcChannelOptions
        {
            ServerAuthorities = _authority.Authorities,
            ClientCertificate = () => certificate,
        });
        AssertUnavailable(channel);
    }

    [Test]
    public void ReadAuthorities_PemFile_AllCertificates()
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{TestContext.CurrentContext.Test.ID}.pem");
        File.WriteAllText(path, _authority.AuthorityPem + "\n" + _otherAuthority.AuthorityPem);
        Assert.That(GrpcServerTls.ReadAuthorities(path), Has.Count.EqualTo(2));
        File.Delete(path);
    }

    [Test]
    public async Task UnixSocket_StaleFile_ReplacedWithModeAndPeerPath()
    {
        var path = SocketPath();
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // A server that is killed leaves its file; so does a socket whose file is hidden from its owner.
            dead.Bind(new UnixDomainSocketEndPoint(path + ".dead"));
            File.Move(path + ".dead", path);
        }
        await using var server = await StartAsync(new GrpcEndpointOptions { UnixPath = path });
        using var channel = new GrpcChannel(TimeProvider.System, $"unix:{path}");
        Assert.That(await PeerAsync(channel), Is.EqualTo($"unix:{path}|"));
        if (!OperatingSystem.IsWindows())
            Assert.That(File.GetUnixFileMode(path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public async Task UnixSocket_AnotherServerListens_StartFails()
    {
        var path = SocketPath();
        await using var server = await StartAsync(new GrpcEndpointOptions { UnixPath = path });
        Assert.ThrowsAsync<IOException>(() => StartAsync(new GrpcEndpointOptions { UnixPath = path }));
        using var channel = new GrpcChannel(TimeProvider.System, $"unix:{path}");
        Assert.That(await PeerAsync(channel), Does.StartWith("unix:"));
    }

    [Test]
    public async Task UnixSocket_RegularFileInTheWay_StartFailsAndFileStays()
    {
        var path = SocketPath();
        await File.WriteAllTextAsync(path, "precious");
        Assert.ThrowsAsync<IOException>(() => StartAsync(new GrpcEndpointOptions { UnixPath = path }));
        Assert.That(await File.ReadAllTextAsync(path), Is.EqualTo("precious"));
        File.Delete(path);
    }

    [Test]
    public void Channel_NobodyListens_Unavailable()
    {
        using var channel = new GrpcChannel(TimeProvider.System, $"unix:{SocketPath()}");
        AssertUnavailable(channel);
    }

    private static string SocketPath() => Path.Combine(Path.GetTempPath(), $"selfheal-{Path.GetRandomFileName()}");

    private GrpcServerTls MutualTls() => new()
    {
        Certificate = _authority.IssueServer,
        RequireClientCertificate = true,
        ClientAuthorities = () => _authority.Authorities,
    };

    private Task<GrpcTestServer> StartTlsAsync(GrpcServerTls tls) =>
        StartAsync(new GrpcEndpointOptions { Address = new IPEndPoint(IPAddress.Loopback, 0), Tls = tls });

    private Task<GrpcTestServer> StartAsync(GrpcEndpointOptions endpoint) =>
        GrpcTestServer.StartAsync(_logs, kestrel => kestrel.ListenGrpc(endpoint));

    private static GrpcChannel ConnectTls(GrpcTestServer server, GrpcChannelOptions options) =>
        new(TimeProvider.System, $"https://localhost:{server.Port}", options);

    private static async Task<string> PeerAsync(GrpcChannel channel) => (await channel.UnaryAsync(
        "selfheal.test.Echo/Unary", new StringValue { Value = "peer" }, StringValue.Parser).DefaultTimeout()).Value;

    private static void AssertUnavailable(GrpcChannel channel)
    {
        var exception = Assert.ThrowsAsync<GrpcException>(() => PeerAsync(channel));
        Assert.That(exception!.Status.Code, Is.EqualTo(GrpcStatusCode.Unavailable), exception.ToString());
    }
}
