using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Envoy.Service.Runtime.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Core.Remediation;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.Grpc;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>What passes between an Envoy and its upstream, over sockets.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class RelayTests : RelayTestBase
{
    [Test]
    public async Task Relay_WithoutOverlay_EveryAnyIsTheUpstreamsByteForByte([Values] bool delta)
    {
        // A message that no API knows, and one with fields in no canonical order: a relay decodes neither.
        var odd = ByteString.CopyFrom([0xFA, 0x7F, 0x03, 1, 2, 3]);
        Istiod.Set(IstiodTypes.NameTable, "names", odd.Memory);
        await using var relay = await RelayAsync();
        await using var direct = new RelayedEnvoy(Istiod.Address, delta);
        await using var relayed = new RelayedEnvoy(relay.Address, delta);

        foreach (var envoy in (RelayedEnvoy[])[direct, relayed])
        {
            await envoy.StartAsync(Routes);
            await envoy.AskAsync(IstiodTypes.NameTable);
            await envoy.UntilAsync(() => envoy.Held.Count == 7, "all");
        }

        Assert.That(
            relayed.Held.Select(static each => (each.Key, each.Value)),
            Is.EquivalentTo(direct.Held.Select(static each => (each.Key, each.Value))));
        Assert.That(Istiod.Streams[^1].LostChanges, Is.Empty);
    }

    [Test]
    public async Task Relay_NodeAndMetadata_ReachTheUpstreamAsEnvoySentThem([Values] bool delta)
    {
        await using var relay = await RelayAsync();
        var headers = new GrpcMetadata().Add("authorization", "Bearer abc").Add("clusterid", "Kubernetes");
        await using var envoy = new RelayedEnvoy(relay.Address, delta, headers);
        await envoy.StartAsync(Routes);

        var stream = await Istiod.StreamAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(stream.IsDelta, Is.EqualTo(delta));
            Assert.That(stream.Node?.Id, Is.EqualTo(RelayedEnvoy.NodeId));
            Assert.That(stream.Header("authorization"), Is.EqualTo("Bearer abc"));
            Assert.That(stream.Header("clusterid"), Is.EqualTo("Kubernetes"));
        }
    }

    [Test]
    public async Task Relay_EnvoyAccepts_UpstreamHearsItAndNothingOfOurOwnPushes([Values] bool delta)
    {
        await using var relay = await RelayAsync();
        await using var envoy = new RelayedEnvoy(relay.Address, delta);
        await envoy.StartAsync(Routes);
        await envoy.UntilAsync(() => envoy.Find(TypeUrl.RouteConfiguration, Routes) is not null, "the route");
        var stream = await Istiod.StreamAsync();
        await Istiod.UntilAsync(() => RouteAcks() == 1);

        await relay.Overlays.LayAsync(AllToStable(), CancellationToken.None).DefaultTimeout();
        await envoy.UntilAsync(
            () => WeightsIn(envoy.Find(TypeUrl.RouteConfiguration, Routes)) == (100, 0), "the overlay");
        await relay.Overlays.WithdrawAsync("o1", "test", "done", CancellationToken.None).DefaultTimeout();
        await envoy.UntilAsync(
            () => WeightsIn(envoy.Find(TypeUrl.RouteConfiguration, Routes)) == (90, 10), "the upstream's own");
        Istiod.Set(SplitOf(80, 20));
        Istiod.Push();
        await envoy.UntilAsync(
            () => WeightsIn(envoy.Find(TypeUrl.RouteConfiguration, Routes)) == (80, 20), "the upstream's next");
        await Istiod.UntilAsync(() => RouteAcks() > 1);

        Assert.That(RouteAcks(), Is.EqualTo(2), "one for each of its own responses");
        Assert.That(
            envoy.Find(TypeUrl.RouteConfiguration, Routes), Is.EqualTo(Any.Pack(SplitOf(80, 20)).ToByteString()));
        Assert.That(Istiod.Rejects(TypeUrl.RouteConfiguration), Is.Empty);

        int RouteAcks() => stream.Acks.Count(static ack => ack.Type == TypeUrl.RouteConfiguration);
    }

    [Test]
    public async Task Relay_EnvoyRejectsPristine_UpstreamHearsItsWordsAndNothingIsResent([Values] bool delta)
    {
        await using var relay = await RelayAsync();
        await using var envoy = new RelayedEnvoy(relay.Address, delta);
        await envoy.StartAsync(Routes);
        await envoy.UntilAsync(() => envoy.Find(TypeUrl.RouteConfiguration, Routes) is not null, "the route");
        envoy.Judge = static (type, _, _) => type == TypeUrl.RouteConfiguration ? "no such domain" : null;

        Istiod.Set(SplitOf(80, 20, "bad"));
        Istiod.Push();
        await Istiod.UntilAsync(() => Istiod.Rejects(TypeUrl.RouteConfiguration).Count == 1);
        var received = envoy.Received.Count;
        // Another type shows that what could have followed would have come.
        Istiod.Set(EndpointsOf(Canary, 3));
        Istiod.Push();
        await envoy.UntilAsync(() => envoy.Received.Count > received, "endpoints");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                Istiod.Rejects(TypeUrl.RouteConfiguration)[0].Error?.Message, Is.EqualTo("no such domain"));
            Assert.That(
                envoy.Received.Skip(received).Select(static each => each.Type),
                Is.All.EqualTo(TypeUrl.ClusterLoadAssignment));
            Assert.That(WeightsIn(envoy.Find(TypeUrl.RouteConfiguration, Routes)), Is.EqualTo((90u, 10u)));
        }
    }

    [Test]
    public async Task Relay_EnvoyRejectsOverlay_PristineReturnsAndUpstreamSeesNoReject([Values] bool delta)
    {
        await using var relay = await RelayAsync();
        await using var envoy = new RelayedEnvoy(relay.Address, delta);
        await envoy.StartAsync(Routes);
        await envoy.UntilAsync(() => envoy.Find(TypeUrl.RouteConfiguration, Routes) is not null, "the route");
        envoy.Judge = (type, _, any) =>
            type == TypeUrl.RouteConfiguration && WeightsIn(any) == (100, 0) ? "cannot" : null;

        await relay.Overlays.LayAsync(AllToStable(), CancellationToken.None).DefaultTimeout();
        await envoy.UntilAsync(() => Routings().Count == 3, "the overlay and what follows");

        await Eventually.HoldsAsync(
            () => relay.Overlays.Entries.Any(static e => e.Problem.Contains("cannot", StringComparison.Ordinal)),
            "the overlay is listed with the Envoy's words");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                Routings()[2], Is.EqualTo(Any.Pack(SplitOf(90, 10)).ToByteString()), "byte for byte");
            Assert.That(Istiod.Rejects(TypeUrl.RouteConfiguration), Is.Empty);
        }

        List<ByteString> Routings() =>
            [.. envoy.Received.Where(static e => e.Type == TypeUrl.RouteConfiguration).Select(static e => e.Any)];
    }

    [Test]
    public async Task Relay_UpstreamChangesWhatAnOverlaySets_UpstreamWins([Values] bool delta)
    {
        await using var relay = await RelayAsync();
        await using var envoy = new RelayedEnvoy(relay.Address, delta);
        await envoy.StartAsync(Routes);
        await envoy.UntilAsync(() => envoy.Find(TypeUrl.RouteConfiguration, Routes) is not null, "the route");
        await relay.Overlays.LayAsync(AllToStable(), CancellationToken.None).DefaultTimeout();
        await envoy.UntilAsync(
            () => WeightsIn(envoy.Find(TypeUrl.RouteConfiguration, Routes)) == (100, 0), "the overlay");

        // Elsewhere in the resource: the overlay stays.
        Istiod.Set(SplitOf(90, 10, "elsewhere.example"));
        Istiod.Push();
        await envoy.UntilAsync(
            () => envoy.Find(TypeUrl.RouteConfiguration, Routes)!.Span.IndexOf("elsewhere"u8) >= 0
                && WeightsIn(envoy.Find(TypeUrl.RouteConfiguration, Routes)) == (100, 0),
            "the overlay on the new route");
        var received = envoy.Received.Count;
        Istiod.Set(SplitOf(70, 30, "elsewhere.example"));
        Istiod.Push();
        await envoy.UntilAsync(
            () => WeightsIn(envoy.Find(TypeUrl.RouteConfiguration, Routes)) == (70, 30), "the upstream's own");

        Assert.That(
            envoy.Received.Skip(received).Select(static each => WeightsIn(each.Any)), Is.All.EqualTo((70u, 30u)));
        await Eventually.HoldsAsync(
            () => relay.Overlays.Entries.Any(
                static e => e.Problem.Contains("the source wins", StringComparison.Ordinal)),
            "the overlay has stood down");
    }

    [Test]
    public async Task Relay_MessageOfFortyMegabytes_Passes([Values] bool delta)
    {
        await using var relay = await RelayAsync();
        await using var envoy = new RelayedEnvoy(relay.Address, delta);
        await envoy.StartAsync(Routes);
        var large = ClusterOf("large");
        large.AltStatName = new string('x', 40 * 1024 * 1024);

        Istiod.Set(large);
        Istiod.Push();

        await envoy.UntilAsync(
            () => envoy.Find(TypeUrl.Cluster, "large")?.Length > 40 * 1024 * 1024, "40 MB");
    }

    [Test]
    public async Task Relay_JudgementStopped_OverlaysStayAndTheStateIsUnattended([Values] bool delta)
    {
        await using var relay = await RelayAsync();
        await relay.Judgement.StopAsync(CancellationToken.None).DefaultTimeout();
        await using var envoy = new RelayedEnvoy(relay.Address, delta);
        await envoy.StartAsync(Routes);
        await envoy.UntilAsync(() => envoy.Find(TypeUrl.RouteConfiguration, Routes) is not null, "the route");
        await relay.Overlays.LayAsync(AllToStable(), CancellationToken.None).DefaultTimeout();
        await envoy.UntilAsync(
            () => WeightsIn(envoy.Find(TypeUrl.RouteConfiguration, Routes)) == (100, 0), "the overlay");
        Istiod.Set(EndpointsOf(Canary, 7));
        Istiod.Push();

        await envoy.UntilAsync(
            () => envoy.Find(TypeUrl.ClusterLoadAssignment, Canary)!.Span.IndexOf("127.0.1.7"u8) >= 0, "endpoints");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(WeightsIn(envoy.Find(TypeUrl.RouteConfiguration, Routes)), Is.EqualTo((100u, 0u)));
            Assert.That(await relay.AdminAsync("/readyz"), Does.Contain("unattended"));
            Assert.That(await relay.AdminAsync("/metrics"), Does.Contain("selfheal_judgement_attended 0"));
        }
    }

    [Test]
    public async Task Runtime_AskedForOnItsOwnService_IsOursAndTheUpstreamIsNotAsked()
    {
        await using var relay = await RelayAsync();
        await using var envoy = new RelayedEnvoy(relay.Address, isDelta: true);
        await envoy.StartAsync(Routes);
        await envoy.UntilAsync(() => envoy.Names(TypeUrl.Cluster).Count() == 2, "clusters");
        using var channel = new GrpcChannel(TimeProvider.System, relay.Address);
        using var call = channel.Duplex<DiscoveryRequest, DiscoveryResponse>(
            "envoy.service.runtime.v3.RuntimeDiscoveryService/StreamRuntime", DiscoveryResponse.Parser);
        await call.RequestStream.WriteAsync(new DiscoveryRequest
        {
            Node = new Node { Id = RelayedEnvoy.NodeId },
            ResourceNames = { "selfheal" },
        });
        var empty = await NextAsync();
        var breakers = new Overlay.RuntimeBreakers(
            "selfheal", Canary, BreakerPriority.Default, new BreakerSettings { MaxRequests = 7 })
        {
            Id = "o2",
            Owner = "test",
            Reason = "the canary is slow",
            IncidentId = "i1",
            ExpiresAt = DateTimeOffset.UtcNow + TimeSpan.FromHours(1),
        };
        var answer = await relay.Overlays.LayAsync(breakers, CancellationToken.None).DefaultTimeout();
        Assert.That(answer.Problem, Is.Empty);
        var laid = await NextAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(empty.Layer, Is.Null);
            Assert.That(
                laid.Layer.Fields[$"circuit_breakers.{Canary}.default.max_requests"].NumberValue, Is.EqualTo(7));
            Assert.That(
                Istiod.Streams.SelectMany(static stream => stream.Requests).Select(static request => request.Type),
                Has.None.EqualTo(TypeUrl.Runtime));
        }

        async Task<Runtime> NextAsync()
        {
            Assert.That(await call.ResponseStream.MoveNextAsync().DefaultTimeout(), Is.True);
            var response = call.ResponseStream.Current;
            await call.RequestStream.WriteAsync(new DiscoveryRequest
            {
                ResourceNames = { "selfheal" },
                VersionInfo = response.VersionInfo,
                ResponseNonce = response.Nonce,
            });
            return response.Resources.Single().Unpack<Runtime>();
        }
    }
}
