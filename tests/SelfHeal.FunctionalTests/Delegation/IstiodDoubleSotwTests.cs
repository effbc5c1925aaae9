using System.Security.Cryptography;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Route.V3;
using Envoy.Service.Discovery.V3;
using SelfHeal.FunctionalTests.Conformance;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>What Istiod does in SotW, as the double does it.</summary>
internal sealed class IstiodDoubleSotwTests : IstiodDoubleTestBase
{
    [Test]
    public async Task Cds_Names_WholeSetWhateverIsNamed()
    {
        Istiod.Set(Content.Cluster("a"));
        Istiod.Set(Content.Cluster("b"));
        var response = await OpenSotw().AskAsync(Sotw(XdsServices.Cds, "", "a"));
        Assert.That(Clusters(response), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(response.VersionInfo, Does.Match(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/\d+$"));
        Assert.That(response.Nonce, Does.StartWith(response.VersionInfo).And.Length.GreaterThan(40));
    }

    [Test]
    public async Task Request_Acknowledges_NoAnswer()
    {
        Istiod.Set(Content.Cluster("a"));
        var client = OpenSotw();
        var response = await client.AskAsync(Sotw(XdsServices.Cds, ""));
        await client.SendAsync(Sotw(XdsServices.Cds, response.Nonce));
        await client.ExpectSilenceAsync();
        Assert.That(Istiod.Streams[0].Acks.Single().Nonce, Is.EqualTo(response.Nonce));
        Assert.That(Istiod.Streams[0].LostChanges, Is.Empty);
    }

    [Test]
    public async Task Request_OlderNonce_IgnoredWithItsNames()
    {
        Istiod.Set(Content.Endpoints("a"));
        var client = OpenSotw();
        var first = await client.AskAsync(Sotw(XdsServices.Eds, "", "a"));
        Istiod.Push(XdsServices.Eds);
        await client.ReadAsync();
        await client.SendAsync(Sotw(XdsServices.Eds, first.Nonce, "a", "b"));
        await client.ExpectSilenceAsync();
        Assert.That(Istiod.Streams[0].NamesOf(XdsServices.Eds), Is.EqualTo(new[] { "a" }));
        Assert.That(Istiod.Streams[0].LostChanges.Single().Verdict, Is.EqualTo(IstiodVerdict.Expired));
    }

    [Test]
    public async Task Nack_OtherNames_CountedAndNothingElse()
    {
        Istiod.Set(Content.Endpoints("a"));
        var client = OpenSotw();
        var response = await client.AskAsync(Sotw(XdsServices.Eds, "", "a"));
        var nack = Sotw(XdsServices.Eds, response.Nonce, "a", "b");
        nack.ErrorDetail = Error("no good");
        await client.SendAsync(nack);
        await client.ExpectSilenceAsync();
        Assert.That(Istiod.Rejects(XdsServices.Eds), Has.Count.EqualTo(1));
        Assert.That(Istiod.Streams[0].LastErrorOf(XdsServices.Eds), Is.EqualTo("no good"));
        Assert.That(Istiod.Streams[0].LostChanges.Count(), Is.EqualTo(1));
        Assert.That(Istiod.Streams[0].NamesOf(XdsServices.Eds), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public async Task Eds_NamesAddedWithAnAck_OnlyTheyAreSent()
    {
        Istiod.Set(Content.Endpoints("a"));
        Istiod.Set(Content.Endpoints("b"));
        var client = OpenSotw();
        var first = await client.AskAsync(Sotw(XdsServices.Eds, "", "a"));
        var second = await client.AskAsync(Sotw(XdsServices.Eds, first.Nonce, "a", "b"));
        Assert.That(Assignments(second).Select(static a => a.ClusterName), Is.EqualTo(new[] { "b" }));
        await client.SendAsync(Sotw(XdsServices.Eds, second.Nonce, "b"));
        await client.ExpectSilenceAsync();
        Assert.That(Istiod.Streams[0].NamesOf(XdsServices.Eds), Is.EqualTo(new[] { "b" }));
    }

    [Test]
    public async Task Eds_NoNamesWithAnOldNonce_NotWatchedAnyMore()
    {
        var client = OpenSotw();
        await client.AskAsync(Sotw(XdsServices.Eds, "", "a"));
        await client.SendAsync(Sotw(XdsServices.Eds, "old"));
        await client.ExpectSilenceAsync();
        Assert.That(Istiod.Streams[0].NamesOf(XdsServices.Eds), Is.Null);
    }

    [Test]
    public async Task Type_NotKnownYet_AnsweredWhateverTheNonce()
    {
        Istiod.Set(Content.Cluster("a"));
        var response = await OpenSotw().AskAsync(Sotw(XdsServices.Cds, "of another server"));
        Assert.That(Clusters(response), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public async Task Cds_AfterEds_NextAckOfEdsIsAnswered()
    {
        Istiod.Set(Content.EdsCluster("a"));
        Istiod.Set(Content.Endpoints("a"));
        var client = OpenSotw();
        var endpoints = await client.AskAsync(Sotw(XdsServices.Eds, "", "a"));
        await client.AskAsync(Sotw(XdsServices.Cds, ""));
        var again = await client.AskAsync(Sotw(XdsServices.Eds, endpoints.Nonce, "a"));
        Assert.That(again.Resources, Is.EqualTo(endpoints.Resources));
        await client.SendAsync(Sotw(XdsServices.Eds, again.Nonce, "a"));
        await client.ExpectSilenceAsync();
    }

    [Test]
    public async Task Push_ChangedCluster_EndpointsFollowForItAlone()
    {
        foreach (var name in new[] { "a", "b" })
        {
            Istiod.Set(Content.EdsCluster(name));
            Istiod.Set(Content.Endpoints(name));
        }
        var client = OpenSotw();
        await client.AskAsync(Sotw(XdsServices.Cds, ""));
        await client.AskAsync(Sotw(XdsServices.Eds, "", "a", "b"));
        // What was set before the first push has changed since the last one, too.
        Istiod.Push();
        await client.ReadAsync();
        Assert.That(Assignments(await client.ReadAsync()).Count(), Is.EqualTo(2));
        Istiod.Set(Content.EdsCluster("b", content: 2));
        Istiod.Push(XdsServices.Cds);
        Assert.That(Clusters(await client.ReadAsync()), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(Assignments(await client.ReadAsync()).Single().ClusterName, Is.EqualTo("b"));
    }

    [Test]
    public async Task PushAll_SeveralTypes_InTheOrderOfIstiod()
    {
        string[] types =
        [
            XdsServices.Cds, XdsServices.Eds, XdsServices.Lds, XdsServices.Rds, XdsServices.Sds, XdsServices.Ecds,
            IstiodTypes.NameTable,
        ];
        Istiod.Set(Content.Secret("x"));
        Istiod.Set(Content.Extension("x"));
        Istiod.Set(IstiodTypes.NameTable, "", new byte[] { 1 });
        var client = OpenSotw();
        foreach (var type in types.Reverse())
            await client.AskAsync(Sotw(type, "", "x"));
        Istiod.PushAll();
        foreach (var type in types)
            Assert.That((await client.ReadAsync()).TypeUrl, Is.EqualTo(type));
    }

    [Test]
    public async Task Set_BytesOfAnyType_ComeUnchanged()
    {
        var bytes = RandomNumberGenerator.GetBytes(1000);
        Istiod.Set(IstiodTypes.NameTable, "", bytes);
        var response = await OpenSotw().AskAsync(Sotw(IstiodTypes.NameTable, ""));
        Assert.That(response.Resources.Single().TypeUrl, Is.EqualTo(IstiodTypes.NameTable));
        Assert.That(response.Resources.Single().Value.ToByteArray(), Is.EqualTo(bytes));
    }

    [Test]
    public async Task Type_ThatOnlyATestKnows_AnsweredOnceItIsSet()
    {
        Istiod.Set(XdsServices.Unknown, "a", new byte[] { 1, 2 });
        var response = await OpenSotw().AskAsync(Sotw(XdsServices.Unknown, ""));
        Assert.That(response.Resources.Single().Value.ToByteArray(), Is.EqualTo(new byte[] { 1, 2 }));
    }

    [Test]
    public async Task SetFor_OneNode_OthersSeeWhatAllSee()
    {
        Istiod.Set(Content.Endpoints("a", port: 1));
        Istiod.SetFor(Gateway, Content.Endpoints("a", port: 2));
        var ofSidecar = await OpenSotw().AskAsync(Sotw(XdsServices.Eds, "", "a"));
        var ofGateway = await OpenSotw(Gateway).AskAsync(Sotw(XdsServices.Eds, "", "a"));
        Assert.That(Assignments(ofSidecar), Is.EqualTo(new[] { Content.Endpoints("a", port: 1) }));
        Assert.That(Assignments(ofGateway), Is.EqualTo(new[] { Content.Endpoints("a", port: 2) }));
    }

    [Test]
    public async Task NameThatNobodyKnows_OfAnyType_EmptyOrNothing()
    {
        var client = OpenSotw();
        var endpoints = await client.AskAsync(Sotw(XdsServices.Eds, "", "x"));
        Assert.That(Assignments(endpoints), Is.EqualTo(new[] { new ClusterLoadAssignment { ClusterName = "x" } }));
        var routes = await client.AskAsync(Sotw(XdsServices.Rds, "", "x"));
        Assert.That(
            routes.Resources.Single().Unpack<RouteConfiguration>(),
            Is.EqualTo(new RouteConfiguration { Name = "x", ValidateClusters = false }));
        Assert.That((await client.AskAsync(Sotw(XdsServices.Ecds, "", "x"))).Resources, Is.Empty);
        await client.SendAsync(Sotw(XdsServices.Sds, "", "x"));
        await client.SendAsync(Sotw(IstiodTypes.NameTable, ""));
        await client.ExpectSilenceAsync();
    }

    [Test]
    public async Task Set_NotPushed_OpenStreamIsServedWhatItBeganWith()
    {
        Istiod.Set(Content.Cluster("a"));
        var client = OpenSotw();
        await client.AskAsync(Sotw(XdsServices.Cds, ""));
        Istiod.Set(Content.Cluster("b"));
        Assert.That(Clusters(await client.AskAsync(Sotw(XdsServices.Cds, ""))), Is.EqualTo(new[] { "a" }));
        Assert.That(Clusters(await OpenSotw().AskAsync(Sotw(XdsServices.Cds, ""))), Is.EqualTo(new[] { "a", "b" }));
    }

    private static IEnumerable<string> Clusters(DiscoveryResponse response) =>
        response.Resources.Select(static any => any.Unpack<Cluster>().Name);

    private static IEnumerable<ClusterLoadAssignment> Assignments(DiscoveryResponse response) =>
        response.Resources.Select(static any => any.Unpack<ClusterLoadAssignment>());
}
