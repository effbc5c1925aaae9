using System.Security.Cryptography.X509Certificates;
using System.Text;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Config.Core.V3;
using Google.Protobuf;
using SelfHeal.FunctionalTests.Grpc;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>Upstreams that stop, hang, move and talk nonsense: the Envoy's stream stays, and what it holds too.
/// </summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class RelayFaultTests : RelayTestBase
{
    [Test]
    public async Task Upstream_StopsAndReturns_OnlyDifferencesAreSentRemovalsIncluded([Values] bool delta)
    {
        await using var relay = await RelayAsync();
        Istiod.Set(ClusterOf("gone"));
        await using var envoy = await SettledAsync(relay, delta);
        var received = envoy.Received.Count;

        await Istiod.StopAsync();
        Istiod.Remove(TypeUrl.Cluster, "gone");
        Istiod.Set(EndpointsOf(Canary, 9));
        await Istiod.StartAgainAsync();

        await envoy.UntilAsync(() => envoy.Find(TypeUrl.Cluster, "gone") is null, "the removal");
        await envoy.UntilAsync(
            () => envoy.Find(TypeUrl.ClusterLoadAssignment, Canary)!.Span.IndexOf("127.0.1.9"u8) >= 0, "the change");
        var sent = envoy.Received.Skip(received).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(envoy.HasEnded, Is.False);
            // In the state-of-the-world variant the whole set of clusters says that one is gone.
            Assert.That(
                sent.Where(each => each.Type != TypeUrl.Cluster || delta).Select(static each => (each.Type, each.Name)),
                delta
                    ? Is.EquivalentTo(new[] { (TypeUrl.Cluster, "gone"), (TypeUrl.ClusterLoadAssignment, Canary) })
                    : Is.EquivalentTo(new[] { (TypeUrl.ClusterLoadAssignment, Canary) }));
        }
    }

    [Test]
    public async Task Upstream_EndsStreamWithEveryStatus_NothingIsResent(
        [Values] bool delta,
        [Values(
            GrpcStatusCode.Unavailable, GrpcStatusCode.ResourceExhausted, GrpcStatusCode.Unauthenticated,
            GrpcStatusCode.Ok)] GrpcStatusCode code)
    {
        await using var relay = await RelayAsync();
        await using var envoy = await SettledAsync(relay, delta);
        var received = envoy.Received.Count;

        Istiod.EndStreams(new GrpcStatus(code, "away"));
        var again = await Istiod.StreamAsync(1);
        await Istiod.UntilAsync(() => again.Acks.Count() >= 4);

        Assert.That(envoy.HasEnded, Is.False);
        Assert.That(envoy.Received.Skip(received), Is.Empty);
    }

    [Test]
    public async Task Upstream_SendsGarbage_IsAskedAnewAndNothingIsLost([Values] bool delta)
    {
        await using var relay = await RelayAsync();
        await using var envoy = await SettledAsync(relay, delta);
        var stream = await Istiod.StreamAsync();

        stream.SendMessage("this is no message"u8.ToArray());
        await Istiod.StreamAsync(1);
        Istiod.Set(EndpointsOf(Canary, 5));
        Istiod.Push();

        await envoy.UntilAsync(
            () => envoy.Find(TypeUrl.ClusterLoadAssignment, Canary)!.Span.IndexOf("127.0.1.5"u8) >= 0, "the change");
        Assert.That(envoy.HasEnded, Is.False);
    }

    [Test]
    public async Task Upstream_SendsAResourceThatCannotBeRead_IsToldAndTheRelayGoesOn([Values] bool delta)
    {
        await using var relay = await RelayAsync();
        await using var envoy = await SettledAsync(relay, delta);
        var stream = await Istiod.StreamAsync();
        var received = envoy.Received.Count;
        // A name that is no name in the one variant, and twice the same in the other.
        var broken = IstiodResource.Of(ClusterOf(Stable)) with { Body = ByteString.CopyFrom(0x0A, 0x05, 1) };
        var whole = IstiodResource.Of(ClusterOf(Stable));

        stream.SendResponse(TypeUrl.Cluster, delta ? [whole, whole] : [broken]);
        await Istiod.UntilAsync(() => Istiod.Rejects(TypeUrl.Cluster).Count == 1);
        Istiod.Set(ClusterOf("new"));
        Istiod.Push();

        await envoy.UntilAsync(() => envoy.Find(TypeUrl.Cluster, "new") is not null, "the next push");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                Istiod.Rejects(TypeUrl.Cluster)[0].Error?.Message,
                Does.Contain(delta ? "twice" : "resources[0] of envoy.config.cluster.v3.Cluster cannot be read"));
            Assert.That(envoy.Received.Skip(received).Select(static each => each.Name), Does.Contain("new"));
            Assert.That(envoy.Names(TypeUrl.Cluster), Is.EquivalentTo(new[] { Stable, Canary, "new" }));
        }
    }

    [Test]
    public async Task Upstream_AnswersNothing_IsLeftForTheNextAddress([Values] bool delta)
    {
        await using var other = await IstiodDouble.StartAsync();
        Fill(other);
        other.Set(ClusterOf("other"));
        await using var relay = await RelayAsync(Upstream(Istiod.Address, other.Address));
        await using var envoy = await SettledAsync(relay, delta);

        await Istiod.StopAsync();

        await envoy.UntilAsync(() => envoy.Find(TypeUrl.Cluster, "other") is not null, "the other upstream's");
        Assert.That(envoy.HasEnded, Is.False);
    }

    [Test]
    public async Task Upstream_NotSynced_IsAskedUntilItIs([Values] bool delta)
    {
        Istiod.MarkUnsynced();
        await using var relay = await RelayAsync();
        await using var envoy = new RelayedEnvoy(relay.Address, delta);
        await envoy.AskAsync(TypeUrl.Cluster);
        await Istiod.UntilAsync(() => Istiod.RefusedStreams > 1);

        Istiod.MarkSynced();

        await envoy.UntilAsync(() => envoy.Names(TypeUrl.Cluster).Count() == 2, "clusters");
    }

    [Test]
    public async Task Upstream_AwayWhenEnvoyComes_ItIsServedFromDiskWithoutSecrets([Values] bool delta)
    {
        const string key = "-----BEGIN PRIVATE KEY----- not for any disk";
        Istiod.Set(new Secret
        {
            Name = "default",
            TlsCertificate = new TlsCertificate { PrivateKey = new DataSource { InlineString = key } },
        });
        await using (var first = await RelayAsync())
        {
            await using var before = await SettledAsync(first, delta);
            await before.AskAsync(TypeUrl.Secret, "default");
            await before.UntilAsync(() => before.Find(TypeUrl.Secret, "default") is not null, "the secret");
        }

        await Istiod.StopAsync();
        foreach (var file in Directory.EnumerateFiles(StateDirectory, "*", SearchOption.AllDirectories))
        {
            var text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file));
            Assert.That(text, Does.Not.Contain(key), file);
        }

        await using var relay = await RelayAsync();
        await using var envoy = await SettledAsync(relay, delta);
        var received = envoy.Received.Count;
        await Istiod.StartAgainAsync();
        await Istiod.UntilAsync(() => Istiod.OpenStreams.Any(static stream => stream.Acks.Count() >= 4));
        Assert.That(envoy.Received.Skip(received), Is.Empty, "what it has from the disk is not sent again");
        Assert.That(await relay.AdminAsync("/metrics"), Does.Contain("selfheal_upstream_restored_total 1"));
    }

    [Test]
    public async Task Upstream_WithMutualTls_IsSpokenToIfItsNameIsRight([Values] bool delta)
    {
        using var authority = new TestCertificates("mesh");
        using var server = authority.IssueServer("istiod.istio-system.svc");
        using var client = authority.IssueClient("relay");
        await using var istiod = await IstiodDouble.StartAsync(new IstiodDoubleOptions
        {
            Tls = new GrpcServerTls
            {
                Certificate = () => server,
                RequireClientCertificate = true,
                ClientAuthorities = () => authority.Authorities,
            },
        });
        Fill(istiod);
        var tls = Files(authority.AuthorityPem, client);
        await using var relay = await RelayAsync(Secure(istiod, tls, "istiod.istio-system.svc"));
        await using var envoy = await SettledAsync(relay, delta);
        var stream = await istiod.StreamAsync();
        Assert.That(stream.Peer.ClientCertificate?.Subject, Is.EqualTo(client.Subject));

        var state = Directory.CreateDirectory(Path.Combine(StateDirectory, "wrong")).FullName;
        await using var wrong = await RelayHost.StartAsync(Secure(istiod, tls, "istiod.other.svc"), state);
        await using var refused = new RelayedEnvoy(wrong.Address, delta);
        await refused.AskAsync(TypeUrl.Cluster);
        await Eventually.HoldsAsync(
            async () => (await wrong.AdminAsync("/readyz")).Contains("have no upstream", StringComparison.Ordinal),
            "the name is refused",
            TimeSpan.FromSeconds(10));
        Assert.That(istiod.Streams, Has.Count.EqualTo(1));
    }

    private static UpstreamOptions Secure(IstiodDouble istiod, UpstreamTlsOptions files, string name) => new()
    {
        Addresses = [istiod.Address],
        BackoffMax = TimeSpan.FromMilliseconds(200),
        Tls = new UpstreamTlsOptions
        {
            Ca = files.Ca,
            Certificate = files.Certificate,
            Key = files.Key,
            ServerName = name,
        },
    };

    private UpstreamTlsOptions Files(string authority, X509Certificate2 client)
    {
        var (ca, certificate, key) = (Place("ca.pem"), Place("client.pem"), Place("client.key"));
        File.WriteAllText(ca, authority);
        File.WriteAllText(certificate, client.ExportCertificatePem());
        using var ours = client.GetECDsaPrivateKey();
        File.WriteAllText(key, ours?.ExportPkcs8PrivateKeyPem());
        return new UpstreamTlsOptions { Ca = ca, Certificate = certificate, Key = key };

        string Place(string name) => Path.Combine(StateDirectory, name);
    }

    private static async Task<RelayedEnvoy> SettledAsync(RelayHost relay, bool delta)
    {
        var envoy = new RelayedEnvoy(relay.Address, delta);
        await envoy.StartAsync(Routes);
        await envoy.UntilAsync(
            () => envoy.Find(TypeUrl.RouteConfiguration, Routes) is not null
                && envoy.Names(TypeUrl.ClusterLoadAssignment).Count() >= 2
                && envoy.Names(TypeUrl.Listener).Any(),
            "all");
        return envoy;
    }
}
