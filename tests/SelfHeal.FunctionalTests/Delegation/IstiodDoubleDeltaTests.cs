using Google.Protobuf;
using SelfHeal.FunctionalTests.Conformance;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>What Istiod does in delta, as the double does it.</summary>
internal sealed class IstiodDoubleDeltaTests : IstiodDoubleTestBase
{
    [Test]
    public async Task Cds_First_AllWithoutVersions()
    {
        Istiod.Set(Content.Cluster("a"));
        var response = await OpenDelta().AskAsync(Delta(XdsServices.Cds));
        Assert.That(Told(response), Is.EqualTo("a"));
        Assert.That(response.Resources.Single().Version, Is.Empty);
        Assert.That(response.Resources.Single().Resource_.Value, Is.EqualTo(Content.Cluster("a").ToByteString()));
    }

    [Test]
    public async Task Cds_InitialVersions_AllAreSentAndOnlyTheNamesCount()
    {
        Istiod.Set(Content.Cluster("a"));
        var request = Delta(XdsServices.Cds, "", "*");
        request.InitialResourceVersions.Add("a", "whatever");
        request.InitialResourceVersions.Add("gone", "");
        Assert.That(Told(await OpenDelta().AskAsync(request)), Is.EqualTo("a -gone"));
        Assert.That(Istiod.Streams[0].NamesOf(XdsServices.Cds), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public async Task Cds_AfterEds_EndpointsFollowUnasked()
    {
        Istiod.Set(Content.EdsCluster("a"));
        Istiod.Set(Content.Endpoints("a"));
        var client = OpenDelta();
        await client.AskAsync(Delta(XdsServices.Eds, "", "a"));
        Assert.That((await client.AskAsync(Delta(XdsServices.Cds))).TypeUrl, Is.EqualTo(XdsServices.Cds));
        var endpoints = await client.ReadAsync();
        Assert.That(endpoints.TypeUrl, Is.EqualTo(XdsServices.Eds));
        Assert.That(Told(endpoints), Is.EqualTo("a"));
    }

    [Test]
    public async Task Change_InAStaleRequestOrANack_IsLost()
    {
        Istiod.Set(Content.Endpoints("a"));
        var client = OpenDelta();
        var first = await client.AskAsync(Delta(XdsServices.Eds, "", "a"));
        Istiod.Push(XdsServices.Eds);
        var second = await client.ReadAsync();
        await client.SendAsync(Delta(XdsServices.Eds, first.Nonce, "b"));
        var nack = Delta(XdsServices.Eds, second.Nonce, "c");
        nack.ErrorDetail = Error("no good");
        await client.SendAsync(nack);
        await client.ExpectSilenceAsync();
        var stream = Istiod.Streams[0];
        Assert.That(stream.NamesOf(XdsServices.Eds), Is.EqualTo(new[] { "a" }));
        Assert.That(
            stream.LostChanges.Select(static request => request.Verdict),
            Is.EqualTo(new[] { IstiodVerdict.Expired, IstiodVerdict.Rejected }));
        Assert.That(Istiod.Rejects(XdsServices.Eds).Single().Error?.Message, Is.EqualTo("no good"));
    }

    [Test]
    public async Task Change_WithoutNonceOrInAnAck_IsTaken()
    {
        var client = OpenDelta();
        await client.AskAsync(Delta(XdsServices.Eds, "", "a"));
        var second = await client.AskAsync(Delta(XdsServices.Eds, "", "b"));
        Assert.That(Told(second), Is.EqualTo("b"));
        Assert.That(Told(await client.AskAsync(Delta(XdsServices.Eds, second.Nonce, "c"))), Is.EqualTo("c"));
        Assert.That(Istiod.Streams[0].Requests[2].IsAck, Is.True);
        // What is held already is not sent again, whatever the protocol says.
        await client.SendAsync(Delta(XdsServices.Eds, "", "a"));
        var gone = Delta(XdsServices.Eds);
        gone.ResourceNamesUnsubscribe.Add("a");
        await client.SendAsync(gone);
        await client.ExpectSilenceAsync();
        Assert.That(Istiod.Streams[0].NamesOf(XdsServices.Eds), Is.EqualTo(new[] { "b", "c" }));
        Assert.That(Istiod.Streams[0].LostChanges, Is.Empty);
    }

    [Test]
    public async Task Type_NotKnownYet_AnsweredWhateverTheNonce()
    {
        Istiod.Set(Content.Cluster("a"));
        Assert.That(Told(await OpenDelta().AskAsync(Delta(XdsServices.Cds, "of another server"))), Is.EqualTo("a"));
    }

    [Test]
    public async Task Push_Clusters_TellsWhatHasChanged()
    {
        foreach (var name in new[] { "a", "b", "c", "BlackHoleCluster" })
            Istiod.Set(Content.EdsCluster(name));
        var client = OpenDelta();
        await client.AskAsync(Delta(XdsServices.Cds));
        await client.AskAsync(Delta(XdsServices.Eds, "", "a", "b"));
        Istiod.Push();
        await client.ReadAsync();
        await client.ReadAsync();
        Istiod.Set(Content.EdsCluster("b", content: 2));
        Istiod.Remove(XdsServices.Cds, "c");
        Istiod.Push();
        Assert.That(Told(await client.ReadAsync()), Is.EqualTo("BlackHoleCluster b -c"));
        Assert.That(Told(await client.ReadAsync()), Is.EqualTo("b"));
        Assert.That(
            Istiod.Streams[0].NamesOf(XdsServices.Cds), Is.EqualTo(new[] { "BlackHoleCluster", "a", "b" }));
    }

    [Test]
    public async Task Push_Listeners_AllOfThemAndWhatIsGone()
    {
        Istiod.Set(Content.Listener("a"));
        Istiod.Set(Content.Listener("b"));
        var client = OpenDelta();
        await client.AskAsync(Delta(XdsServices.Lds));
        Istiod.Remove(XdsServices.Lds, "b");
        Istiod.Push();
        Assert.That(Told(await client.ReadAsync()), Is.EqualTo("a -b"));
    }

    [Test]
    public async Task PushAll_AfterThat_EverythingWatched()
    {
        Istiod.Set(Content.EdsCluster("a"));
        Istiod.Set(Content.EdsCluster("b"));
        var client = OpenDelta();
        await client.AskAsync(Delta(XdsServices.Cds));
        await client.AskAsync(Delta(XdsServices.Eds, "", "a", "b"));
        Istiod.PushAll();
        Assert.That(Told(await client.ReadAsync()), Is.EqualTo("a b"));
        Assert.That(Told(await client.ReadAsync()), Is.EqualTo("a b"));
    }

    [Test]
    public async Task Extension_Removed_NotTold()
    {
        Istiod.Set(Content.Extension("a"));
        Istiod.Set(Content.Extension("b"));
        var client = OpenDelta();
        await client.AskAsync(Delta(XdsServices.Ecds, "", "a", "b"));
        Istiod.Remove(XdsServices.Ecds, "b");
        Istiod.Push();
        Assert.That(Told(await client.ReadAsync()), Is.EqualTo("a"));
    }

    [Test]
    public async Task Secret_Missing_NoAnswerAlone()
    {
        Istiod.Set(Content.Secret("a"));
        var client = OpenDelta();
        Assert.That(Told(await client.AskAsync(Delta(XdsServices.Sds, "", "a", "b"))), Is.EqualTo("a -b"));
        await client.SendAsync(Delta(XdsServices.Sds, "", "c"));
        await client.ExpectSilenceAsync();
    }

    [Test]
    public async Task Addresses_HeldVersion_NotSentAgain()
    {
        Istiod.Set(IstiodTypes.Address, "a", new byte[] { 1 });
        Istiod.Set(IstiodTypes.Address, "b", new byte[] { 2 });
        var first = await OpenDelta().AskAsync(Delta(IstiodTypes.Address, "", "*"));
        Assert.That(Told(first), Is.EqualTo("a b"));
        var request = Delta(IstiodTypes.Address, "", "*");
        request.InitialResourceVersions.Add("a", first.Resources[0].Version);
        request.InitialResourceVersions.Add("b", "old");
        request.InitialResourceVersions.Add("gone", "old");
        var client = OpenDelta();
        Assert.That(Told(await client.AskAsync(request)), Is.EqualTo("b -gone"));
        Istiod.Push();
        await client.ReadAsync();
        Istiod.Remove(IstiodTypes.Address, "a");
        Istiod.Push();
        Assert.That(Told(await client.ReadAsync()), Is.EqualTo("-a"));
    }

    [Test]
    public async Task Addresses_OnDemand_OnlyTheNamedOnes()
    {
        Istiod.Set(IstiodTypes.Address, "a", new byte[] { 1 });
        Istiod.Set(IstiodTypes.Address, "b", new byte[] { 2 });
        var client = OpenDelta();
        Assert.That(Told(await client.AskAsync(Delta(IstiodTypes.Address, "", "a", "x"))), Is.EqualTo("a -x"));
        Istiod.Push();
        Assert.That(Told(await client.ReadAsync()), Is.EqualTo("a"));
    }
}
