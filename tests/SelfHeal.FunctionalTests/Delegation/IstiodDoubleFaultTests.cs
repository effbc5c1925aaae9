using Envoy.Config.Core.V3;
using Google.Protobuf;
using SelfHeal.FunctionalTests.Conformance;
using SelfHeal.FunctionalTests.Grpc;
using SelfHeal.Grpc;
using SelfHeal.UnitTests.Time;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>What the double refuses, how it breaks, and what it records.</summary>
internal sealed class IstiodDoubleFaultTests : IstiodDoubleTestBase
{
    [Test]
    public async Task StopAndStartAgain_SamePort_ContentAndRecordsStay()
    {
        Istiod.Set(Content.Cluster("a"));
        var port = Istiod.Port;
        var before = OpenSotw();
        await before.AskAsync(Sotw(XdsServices.Cds, ""));
        await Istiod.StopAsync();
        Assert.That((await before.ExpectFailureAsync()).Code, Is.EqualTo(GrpcStatusCode.Unavailable));
        Assert.That((await OpenSotw().ExpectFailureAsync()).Code, Is.EqualTo(GrpcStatusCode.Unavailable));
        await Istiod.StartAgainAsync();
        await OpenSotw().AskAsync(Sotw(XdsServices.Cds, ""));
        Assert.That(Istiod.Port, Is.EqualTo(port));
        Assert.That(Istiod.Streams.Select(static s => s.HasEnded), Is.EqualTo(new[] { true, false }));
    }

    [Test]
    public async Task EndStreams_Status_ClientsGetIt()
    {
        var client = OpenSotw();
        await client.AskAsync(Sotw(XdsServices.Cds, ""));
        Istiod.EndStreams(new GrpcStatus(GrpcStatusCode.Aborted, "as the test says"));
        Assert.That(
            await client.ExpectFailureAsync(),
            Is.EqualTo(new GrpcStatus(GrpcStatusCode.Aborted, "as the test says")));
    }

    [Test]
    public async Task DropConnections_OpenStream_Fails()
    {
        var client = OpenSotw();
        await client.AskAsync(Sotw(XdsServices.Cds, ""));
        Istiod.DropConnections();
        Assert.That((await client.ExpectFailureAsync()).Code, Is.EqualTo(GrpcStatusCode.Unavailable));
        await Istiod.UntilAsync(() => Istiod.Streams[0].HasEnded);
    }

    [Test]
    public async Task Answering_Closed_RequestsAreReadAndPushesMerged()
    {
        Istiod.Set(Content.Cluster("a"));
        var client = OpenSotw();
        await client.AskAsync(Sotw(XdsServices.Cds, ""));
        var stream = await Istiod.StreamAsync();
        stream.Answering.Close();
        await client.SendAsync(Sotw(XdsServices.Lds, ""));
        await Istiod.UntilAsync(() => stream.Requests.Count == 2);
        Istiod.Set(Content.Cluster("b"));
        Istiod.Push();
        Istiod.Set(Content.Cluster("c"));
        Istiod.Push();
        Assert.That(stream.Requests[1].Verdict, Is.EqualTo(IstiodVerdict.Pending));
        stream.Answering.Open();
        Assert.That((await client.ReadAsync()).TypeUrl, Is.EqualTo(XdsServices.Lds));
        Assert.That((await client.ReadAsync()).Resources, Has.Count.EqualTo(3));
        await client.ExpectSilenceAsync();
    }

    [Test]
    public async Task Reading_Closed_RequestsAreLeft()
    {
        var client = OpenSotw();
        await client.AskAsync(Sotw(XdsServices.Cds, ""));
        var stream = await Istiod.StreamAsync();
        stream.Reading.Close();
        await client.SendAsync(Sotw(XdsServices.Lds, ""));
        Istiod.Push(XdsServices.Cds);
        Assert.That((await client.ReadAsync()).TypeUrl, Is.EqualTo(XdsServices.Cds));
        Assert.That(stream.Requests, Has.Count.EqualTo(1));
        stream.Reading.Open();
        Assert.That((await client.ReadAsync()).TypeUrl, Is.EqualTo(XdsServices.Lds));
    }

    [Test]
    public async Task SendResponse_DuplicateUndecodableUnasked_ComeAsTheyAre()
    {
        var client = OpenSotw();
        await client.AskAsync(Sotw(XdsServices.Cds, ""));
        var stream = await Istiod.StreamAsync();
        var cluster = IstiodResource.Of(Content.Cluster("a"));
        stream.SendResponse(XdsServices.Cds, cluster, cluster);
        Assert.That((await client.ReadAsync()).Resources, Has.Count.EqualTo(2));
        var broken = cluster with { Body = ByteString.CopyFrom(0xff, 0xff) };
        stream.SendResponse(XdsServices.Cds, broken);
        var second = await client.ReadAsync();
        Assert.That(second.Resources.Single().Value, Is.EqualTo(broken.Body));
        stream.SendResponse(XdsServices.Rds, IstiodResource.Of(Content.Routes("r")));
        Assert.That((await client.ReadAsync()).TypeUrl, Is.EqualTo(XdsServices.Rds));
        var nack = Sotw(XdsServices.Cds, second.Nonce);
        nack.ErrorDetail = Error("cannot be decoded");
        await client.SendAsync(nack);
        await client.ExpectSilenceAsync();
        Assert.That(stream.Rejects.Single().Nonce, Is.EqualTo(stream.Responses[^2].Nonce));
    }

    [Test]
    public async Task SendResponseInDelta_ForeignAnyAndRemoval_ComeAsTheyAre()
    {
        var client = OpenDelta();
        await client.AskAsync(Delta(XdsServices.Cds));
        var foreign = IstiodResource.Of(Content.Cluster("a")) with { AnyType = XdsServices.Lds };
        (await Istiod.StreamAsync()).SendResponse(XdsServices.Cds, [foreign], ["a"]);
        var response = await client.ReadAsync();
        Assert.That(response.Resources.Single().Resource_.TypeUrl, Is.EqualTo(XdsServices.Lds));
        Assert.That(Told(response), Is.EqualTo("a -a"));
    }

    [Test]
    public async Task SendMessage_Garbage_ClientCannotParse()
    {
        var client = OpenSotw();
        await client.AskAsync(Sotw(XdsServices.Cds, ""));
        Istiod.Streams[0].SendMessage(new byte[] { 0x0a, 0xff });
        Assert.That((await client.ExpectFailureAsync()).Code, Is.EqualTo(GrpcStatusCode.Internal));
    }

    [Test]
    public async Task SendUnframed_Garbage_ClientSeesNoFrame()
    {
        var client = OpenSotw();
        await client.AskAsync(Sotw(XdsServices.Cds, ""));
        Istiod.Streams[0].SendUnframed(new byte[] { 9, 9, 9, 9, 9, 9 });
        Assert.That((await client.ExpectFailureAsync()).Code, Is.EqualTo(GrpcStatusCode.Internal));
    }

    [Test]
    public async Task Connection_ThirtyMinutesOld_ClosedAfterTheGrace()
    {
        var time = new SimulatedTimeProvider();
        await RestartAsync(new IstiodDoubleOptions { TimeProvider = time });
        var client = OpenSotw();
        await client.AskAsync(Sotw(XdsServices.Cds, ""));
        time.Advance(TimeSpan.FromMinutes(30));
        await client.AskAsync(Sotw(XdsServices.Lds, ""));
        time.Advance(IstiodConnections.Grace);
        Assert.That((await client.ExpectFailureAsync()).Code, Is.EqualTo(GrpcStatusCode.Unavailable));
    }

    [Test]
    public async Task Streams_TooManyAtOnce_ResourceExhausted()
    {
        var time = new SimulatedTimeProvider();
        await RestartAsync(new IstiodDoubleOptions { TimeProvider = time, StreamsPerSecond = 0.5 });
        await OpenSotw().AskAsync(Sotw(XdsServices.Cds, ""));
        Assert.That((await OpenSotw().ExpectFailureAsync()).Code, Is.EqualTo(GrpcStatusCode.ResourceExhausted));
        Assert.That(Istiod.RefusedStreams, Is.EqualTo(1));
        time.Advance(TimeSpan.FromSeconds(2));
        await OpenSotw().AskAsync(Sotw(XdsServices.Cds, ""));
    }

    [Test]
    public async Task NotSynced_AnyStream_RefusedUntilItIs()
    {
        await RestartAsync(new IstiodDoubleOptions { IsSynced = false });
        Assert.That((await OpenSotw().ExpectFailureAsync()).Code, Is.EqualTo(GrpcStatusCode.Unavailable));
        Assert.That((await OpenDelta().ExpectFailureAsync()).Code, Is.EqualTo(GrpcStatusCode.Unknown));
        Istiod.MarkSynced();
        await OpenSotw().AskAsync(Sotw(XdsServices.Cds, ""));
    }

    [TestCase(null)]
    [TestCase("envoy-1")]
    [TestCase("client~10.0.0.1~a~b")]
    [TestCase("sidecar~~a~b")]
    public async Task Node_MissingOrNotOfIstio_InvalidArgument(string? nodeId)
    {
        var client = OpenSotw(nodeId);
        await client.SendAsync(Sotw(XdsServices.Cds, ""));
        Assert.That((await client.ExpectFailureAsync()).Code, Is.EqualTo(GrpcStatusCode.InvalidArgument));
    }

    [Test]
    public async Task Health_Reported_NeitherAnsweredNorWatched()
    {
        var client = OpenSotw();
        await client.SendAsync(Sotw(IstiodTypes.Health, ""));
        // The node that came with the report counts for nothing.
        var first = Sotw(XdsServices.Cds, "");
        first.Node = new Node { Id = Sidecar };
        await client.AskAsync(first);
        await client.SendAsync(Sotw(IstiodTypes.Health, ""));
        await client.ExpectSilenceAsync();
        Assert.That(
            Istiod.Streams[0].Requests.Count(static r => r.Verdict is IstiodVerdict.Ignored), Is.EqualTo(2));
    }

    [Test]
    public async Task Debounce_TwoPushes_OneWhenItIsQuiet()
    {
        var time = new SimulatedTimeProvider();
        await RestartAsync(
            new IstiodDoubleOptions { TimeProvider = time, Debounce = TimeSpan.FromMilliseconds(100) });
        var client = OpenSotw();
        await client.AskAsync(Sotw(XdsServices.Cds, ""));
        Istiod.Set(Content.Cluster("a"));
        Istiod.Push();
        time.Advance(TimeSpan.FromMilliseconds(99));
        Istiod.Set(Content.Cluster("b"));
        Istiod.Push();
        time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.That(Istiod.Streams[0].Responses, Has.Count.EqualTo(1));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.That((await client.ReadAsync()).Resources, Has.Count.EqualTo(2));
        await client.ExpectSilenceAsync();
    }

    [Test]
    public async Task Tls_ClientCertificate_RequiredAndRecordedWithTheMetadata()
    {
        using var authority = new TestCertificates("istio");
        await RestartAsync(new IstiodDoubleOptions
        {
            Tls = new GrpcServerTls
            {
                Certificate = authority.IssueServer,
                RequireClientCertificate = true,
                ClientAuthorities = () => authority.Authorities,
            },
        });
        var options = new GrpcChannelOptions { ServerAuthorities = authority.Authorities, ServerName = "localhost" };
        Assert.That(
            (await OpenSotw(options: options).ExpectFailureAsync()).Code, Is.EqualTo(GrpcStatusCode.Unavailable));
        using var certificate = authority.IssueWorkload("spiffe://cluster.local/ns/shop/sa/pay");
        var headers = new GrpcMetadata().Add("authorization", "Bearer token").Add("clusterid", "Kubernetes");
        var client = OpenSotw(headers: headers, options: options with { ClientCertificate = () => certificate });
        await client.AskAsync(Sotw(XdsServices.Cds, ""));
        var stream = await Istiod.StreamAsync();
        Assert.That(stream.Peer.ClientCertificate?.Subject, Is.EqualTo(certificate.Subject));
        Assert.That(stream.Header("authorization"), Is.EqualTo("Bearer token"));
        Assert.That(stream.Header("clusterid"), Is.EqualTo("Kubernetes"));
        Assert.That(stream.Node?.Id, Is.EqualTo(Sidecar));
    }
}
