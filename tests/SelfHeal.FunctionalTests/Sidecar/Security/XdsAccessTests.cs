using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using SelfHeal.FunctionalTests.Grpc;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.FunctionalTests.Sidecar.Xds;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.Sidecar.Security;

/// <summary>Who gets in, as whom, and what it is served: real handshakes against the whole product.</summary>
[CancelAfter(60_000)]
internal sealed class XdsAccessTests
{
    private const string Aggregated =
        "envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";

    private const string Shop = "spiffe://td/ns/shop/sa/web";

    private readonly TestCertificates _authority = new("mesh");
    private readonly TestCertificates _nextAuthority = new("next mesh");

    [OneTimeTearDown]
    public void DisposeAuthorities()
    {
        _authority.Dispose();
        _nextAuthority.Dispose();
    }

    [Test]
    public async Task ClientSans_NameThatIsNotListed_FailsTheHandshakeAndIsCounted()
    {
        await using var sidecar = await StartAsync(["spiffe://td/ns/shop/**"], []);
        using var welcome = Connect(sidecar, Shop);
        using var stranger = Connect(sidecar, "spiffe://td/ns/bank/sa/web");
        using var call = await AskAsync(welcome, NodeOf("edge.shop"), TypeUrl.Cluster);

        var refused = Assert.CatchAsync<GrpcException>(async () =>
        {
            using var other = await AskAsync(stranger, NodeOf("edge.shop"), TypeUrl.Cluster);
            await NextAsync(other);
        });

        Assert.That((await NextAsync(call)).Resources, Has.Count.EqualTo(1));
        Assert.That(refused!.Status.Code, Is.EqualTo(GrpcStatusCode.Unavailable));
        await RefusedAsync(sidecar, "client_san", 1);
        Assert.That(sidecar.Logs.Entries.Select(static e => e.Text),
            Has.Some.Contains("spiffe://td/ns/bank/sa/web"));
    }

    [Test]
    public async Task Authorisation_NodeOfAnotherNamespace_IsPermissionDenied()
    {
        await using var sidecar = await StartAsync([], [("mesh", Mesh)]);
        using var channel = Connect(sidecar, Shop);
        using var mine = await AskAsync(channel, NodeOf("edge.shop"), TypeUrl.Cluster);
        using var theirs = await AskAsync(channel, NodeOf("edge.bank"), TypeUrl.Cluster);

        Assert.That((await NextAsync(mine)).Resources, Has.Count.EqualTo(1));
        await DeniedAsync(theirs);
        await RefusedAsync(sidecar, "identity", 1);
        Assert.That(sidecar.Logs.Entries.Select(static e => e.Text),
            Has.Some.Contains("edge.bank").And.Some.Contains(Shop));
    }

    [Test]
    public async Task Authorisation_TypeThatIsNotAllowed_IsNotAnsweredAndTheOthersAre()
    {
        await using var sidecar = await StartAsync([], [("mesh", Mesh)]);
        using var channel = Connect(sidecar, Shop);

        // The node comes in the request that is not let through, and in no other.
        using var call = await AskAsync(channel, NodeOf("edge.shop"), TypeUrl.Runtime, "payments");
        await call.RequestStream.WriteAsync(new DiscoveryRequest { TypeUrl = TypeUrl.Cluster }).DefaultTimeout();

        Assert.That((await NextAsync(call)).TypeUrl, Is.EqualTo(TypeUrl.Cluster));
        await RefusedAsync(sidecar, "type", 1);
        using var typed = channel.Duplex<DiscoveryRequest, DiscoveryResponse>(
            "envoy.service.runtime.v3.RuntimeDiscoveryService/StreamRuntime", DiscoveryResponse.Parser);
        await typed.RequestStream.WriteAsync(new DiscoveryRequest { Node = NodeOf("edge.shop") }).DefaultTimeout();
        await DeniedAsync(typed);
    }

    [Test]
    public async Task Authorisation_Secrets_OnlyThoseOfTheNode()
    {
        await using var sidecar = await StartAsync([], [("mesh", Mesh)]);
        sidecar.Publish(
            OneOfEachType.Of(TypeUrl.Secret, "shop/tls"),
            OneOfEachType.Of(TypeUrl.Secret, "bank/tls"),
            OneOfEachType.Of(TypeUrl.Cluster, "payments"));
        using var channel = Connect(sidecar, Shop);
        using var call = await AskAsync(channel, NodeOf("edge.shop"), TypeUrl.Secret, "bank/tls", "shop/tls", "*");

        var response = await NextAsync(call);

        Assert.That(response.Resources.Select(static r =>
            r.Unpack<Envoy.Extensions.TransportSockets.Tls.V3.Secret>().Name), Is.EqualTo(new[] { "shop/tls" }));
        await RefusedAsync(sidecar, "secret", 2);
    }

    [Test]
    public async Task Authorisation_Rest_IsTheSame()
    {
        await using var sidecar = await StartAsync([], [("mesh", Mesh)]);
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ClientCertificates = [_authority.IssueWorkload(Shop)],
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(_authority.Authorities);
        using var client = new HttpClient(handler) { BaseAddress = new Uri($"https://{sidecar.Host.RestAddress}") };

        using var mine = await PostAsync(client, "clusters", "edge.shop");
        using var theirs = await PostAsync(client, "clusters", "edge.bank");
        using var type = await PostAsync(client, "runtime", "edge.shop");

        Assert.That((int)mine.StatusCode, Is.EqualTo(200));
        Assert.That((int)theirs.StatusCode, Is.EqualTo(403));
        Assert.That((int)type.StatusCode, Is.EqualTo(403));
    }

    [Test]
    public async Task Files_RotatedAuthorityAndCertificate_AreInForceWithoutARestart()
    {
        await using var sidecar = await StartAsync([], []);
        using var before = Connect(sidecar, Shop);
        using var open = await AskAsync(before, NodeOf("edge.shop"), TypeUrl.Cluster);
        await NextAsync(open);

        // The certificate first and without its key, as a slow writer leaves it: nothing changes by that.
        WriteFiles(sidecar.Directory, _nextAuthority, withKey: false);
        await Eventually.HoldsAsync(
            () => sidecar.Logs.Entries.Any(static e => e.Text.Contains("cannot be used", StringComparison.Ordinal)),
            "the half-written files are noticed");
        WriteFiles(sidecar.Directory, _nextAuthority, withKey: true);

        await Eventually.HoldsAsync(
            async () =>
            {
                using var after = Connect(sidecar, Shop, _nextAuthority);
                return await IsServedAsync(after);
            },
            "the next authority's clients are served",
            TestTimeouts.Default);
        using var late = Connect(sidecar, Shop);
        Assert.That(await IsServedAsync(late), Is.False, "the authority before is not trusted any more");
        sidecar.Publish(OneOfEachType.Of(TypeUrl.Cluster, "other"));
        await open.RequestStream.WriteAsync(new DiscoveryRequest { TypeUrl = TypeUrl.Listener }).DefaultTimeout();
        Assert.That((await NextAsync(open)).TypeUrl, Is.Not.Empty, "the open stream goes on");
    }

    [Test]
    public async Task MaxStreamsPerPeer_OneMore_IsRefusedUntilOneEnds()
    {
        await using var sidecar = await RunningSidecar.StartAsync(static resources => new XdsOptions
        {
            Listen = RunningSidecar.Loopback,
            Resources = resources,
            MaxStreamsPerPeer = 2,
        });
        sidecar.Publish(OneOfEachType.Of(TypeUrl.Cluster, "payments"));
        using var channel = sidecar.Connect();
        using var first = await AskAsync(channel, NodeOf("a"), TypeUrl.Cluster);
        await NextAsync(first);
        using var second = await AskAsync(channel, NodeOf("b"), TypeUrl.Cluster);
        await NextAsync(second);

        using var third = await AskAsync(channel, NodeOf("c"), TypeUrl.Cluster);
        var refused = Assert.ThrowsAsync<GrpcException>(() => NextAsync(third));

        Assert.That(refused!.Status.Code, Is.EqualTo(GrpcStatusCode.ResourceExhausted));
        Assert.That(refused.Status.Message, Does.Contain("127.0.0.1").And.Contains("xds.max_streams_per_peer"));
        first.Cancel();
        await Eventually.HoldsAsync(() => IsServedAsync(channel), "a place is free", TestTimeouts.Default);
    }

    [Test]
    public async Task MaxConnectionAge91_Streams_EndWithUnavailableAndNotTogether()
    {
        await using var sidecar = await RunningSidecar.StartAsync(static resources => new XdsOptions
        {
            Listen = RunningSidecar.Loopback,
            Resources = resources,
            MaxConnectionAge = TimeSpan.FromSeconds(1),
        });
        sidecar.Publish(OneOfEachType.Of(TypeUrl.Cluster, "payments"));
        using var channel = sidecar.Connect();
        var start = TimeProvider.System.GetTimestamp();

        var ages = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            using var call = await AskAsync(channel, NodeOf($"n{i}"), TypeUrl.Cluster);
            await NextAsync(call);
            var status = await EndOfAsync(call);
            Assert.That(status.Code, Is.EqualTo(GrpcStatusCode.Unavailable));
            Assert.That(status.Message, Does.Contain("max_connection_age"));
            return TimeProvider.System.GetElapsedTime(start);
        }));

        Assert.That(ages.Min(), Is.GreaterThan(TimeSpan.FromSeconds(0.85)));
        Assert.That(ages.Max() - ages.Min(), Is.GreaterThan(TimeSpan.FromMilliseconds(40)), "they are spread");
    }

    [Test]
    public async Task Socket_ModeAndGroup_AreThoseOfTheConfiguration()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("there are no modes");
        await using var sidecar = await RunningSidecar.StartAsync(static resources => new XdsOptions
        {
            Listen = new ListenAddress.Unix(Path.Combine(Path.GetDirectoryName(resources)!, "xds.sock")),
            Resources = resources,
            SocketMode = "0660",
        });

        var path = Path.Combine(sidecar.Directory, "xds.sock");
        Assert.That(File.GetUnixFileMode(path), Is.EqualTo(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite));
    }

    private static XdsAuthorisationOptions Mesh => new()
    {
        Sans = ["spiffe://td/ns/{namespace}/sa/*"],
        Nodes = ["*.{namespace}"],
        Types =
        [
            "envoy.config.cluster.v3.Cluster", "envoy.extensions.transport_sockets.tls.v3.Secret",
        ],
        Secrets = ["{namespace}/*"],
    };

    private static Node NodeOf(string id) => new() { Id = id };

    private async Task<RunningSidecar> StartAsync(
        ImmutableArray<string> clients, (string Name, XdsAuthorisationOptions Rule)[] rules)
    {
        var sidecar = await RunningSidecar.StartAsync(resources =>
        {
            var directory = Path.GetDirectoryName(resources)!; // It is a folder of the sidecar's.
            WriteFiles(directory, _authority, withKey: true);
            return new XdsOptions
            {
                Listen = RunningSidecar.Loopback,
                RestListen = RunningSidecar.Loopback,
                Resources = resources,
                Tls = new XdsTlsOptions
                {
                    Certificate = Path.Combine(directory, "server.pem"),
                    Key = Path.Combine(directory, "server.key"),
                    ClientCa = Path.Combine(directory, "ca.pem"),
                    ClientSans = clients,
                },
                Authorisation = rules.ToImmutableSortedDictionary(
                    static r => r.Name, static r => r.Rule, StringComparer.Ordinal),
            };
        });
        sidecar.Publish(OneOfEachType.Of(TypeUrl.Cluster, "payments"), OneOfEachType.Of(TypeUrl.Runtime, "payments"));
        return sidecar;
    }

    private static void WriteFiles(string directory, TestCertificates authority, bool withKey)
    {
        using var server = authority.IssueServer();
        using var key = server.GetECDsaPrivateKey();
        File.WriteAllText(Path.Combine(directory, "ca.pem"), authority.AuthorityPem);
        File.WriteAllText(Path.Combine(directory, "server.pem"), server.ExportCertificatePem());
        var parameters = key!.ExportParameters(includePrivateParameters: true); // It was issued with one.
        using var copy = ECDsa.Create(parameters);
        if (withKey)
            File.WriteAllText(Path.Combine(directory, "server.key"), copy.ExportPkcs8PrivateKeyPem());
    }

    private GrpcChannel Connect(RunningSidecar sidecar, string name, TestCertificates? authority = null)
    {
        var issuer = authority ?? _authority;
        var certificate = issuer.IssueWorkload(name);
        return new GrpcChannel(TimeProvider.System, $"https://{sidecar.Host.XdsAddress}", new GrpcChannelOptions
        {
            ServerAuthorities = issuer.Authorities,
            ServerName = "localhost",
            ClientCertificate = () => certificate,
        });
    }

    private static async Task<GrpcDuplexCall<DiscoveryRequest, DiscoveryResponse>> AskAsync(
        GrpcChannel channel, Node node, string typeUrl, params string[] names)
    {
        var call = channel.Duplex<DiscoveryRequest, DiscoveryResponse>(Aggregated, DiscoveryResponse.Parser);
        var request = new DiscoveryRequest { Node = node, TypeUrl = typeUrl, ResourceNames = { names } };
        await call.RequestStream.WriteAsync(request).DefaultTimeout();
        return call;
    }

    private static async Task<DiscoveryResponse> NextAsync(GrpcDuplexCall<DiscoveryRequest, DiscoveryResponse> call)
    {
        Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
        return call.ResponseStream.Current;
    }

    private static async Task<GrpcStatus> EndOfAsync(GrpcDuplexCall<DiscoveryRequest, DiscoveryResponse> call)
    {
        try
        {
            await call.ResponseStream.MoveNextAsync().DefaultTimeout();
            return GrpcStatus.Ok;
        }
        catch (GrpcException ended)
        {
            return ended.Status;
        }
    }

    private static async Task<bool> IsServedAsync(GrpcChannel channel)
    {
        try
        {
            using var call = await AskAsync(channel, NodeOf("edge.shop"), TypeUrl.Cluster);
            return await call.ResponseStream.MoveNextAsync().DefaultTimeout();
        }
        catch (GrpcException)
        {
            return false;
        }
    }

    private static Task DeniedAsync(GrpcDuplexCall<DiscoveryRequest, DiscoveryResponse> call)
    {
        var denied = Assert.ThrowsAsync<GrpcException>(() => NextAsync(call));
        Assert.That(denied!.Status.Code, Is.EqualTo(GrpcStatusCode.PermissionDenied));
        return Task.CompletedTask;
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string collection, string node) =>
        client.PostAsync(
            $"/v3/discovery:{collection}", new StringContent($$"""{"node": {"id": "{{node}}"} }""")).DefaultTimeout();

    private static async Task RefusedAsync(RunningSidecar sidecar, string reason, int count)
    {
        using var admin = sidecar.CreateAdminClient();
        await Eventually.HoldsAsync(
            async () => (await admin.GetStringAsync("/metrics")).Contains(
                $"selfheal_xds_refused_total{{reason=\"{reason}\"}} {count}", StringComparison.Ordinal),
            $"{count} refused for {reason}",
            TestTimeouts.Default);
    }
}
