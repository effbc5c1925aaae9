using SelfHeal.FunctionalTests.Lab;
using static SelfHeal.FunctionalTests.Conformance.Content;
using static SelfHeal.FunctionalTests.Conformance.XdsServices;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>Behaviours 1 to 9: the stream and who is at its other end.</summary>
[Order(1)]
internal sealed class StreamBehaviourTests : ConformanceFixture
{
    private const int InvalidArgument = 3;
    private const int Unavailable = 14;

    [Behaviour(Variant.Streams)]
    public async Task B001_NodeOfTheFirstRequest_CountsForEveryLaterOne(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"), Runtime("r"));
        await probe.FetchAsync(Cds, "a");

        await probe.AddAsync(Cds, "b");
        var second = await probe.NextAckedAsync(Cds);
        var runtime = await probe.FetchAsync(Rtds, "r");

        Assert.That(second.Names, Does.Contain("b"));
        Assert.That(runtime.Names, Is.EqualTo("r"));
        await AdminAsync("/api/proxies", static text => text.Contains("\"probe\"", StringComparison.Ordinal));
    }

    [Behaviour(Variant.Streams)]
    public async Task B002_FirstRequestWithoutNode_IsRefused(Variant on)
    {
        var nobody = await ConnectAsync(on, Cluster("a"), Cluster("b"));
        await nobody.SendAsync(nobody.Request(Cds, ["a"]), withNode: false);

        Assert.That(await nobody.ExpectEndAsync(Cds, InvalidArgument), Does.Contain("node.id"));

        var probe = Connect(on);
        await probe.FetchAsync(Cds, "a");
        await probe.SendAsync(probe.Request(Cds, ["a", "b"]), withNode: false);
        Assert.That((await probe.NextAsync(Cds)).Names, Does.Contain("b"));
    }

    [Behaviour(Variant.Streams)]
    public async Task B003_AnotherNodeOnALiveStream_IsRefused(Variant on)
    {
        var probe = await ConnectAsync(on, Endpoints("a"), Endpoints("b"), Endpoints("c"));
        await probe.FetchAsync(Eds, "a");
        await probe.SendAsync(probe.Request(Eds, ["a", "b"], node: "probe"));
        Assert.That((await probe.NextAckedAsync(Eds)).Names, Does.Contain("b"), "the same node again is fine");

        await probe.SendAsync(probe.Request(Eds, ["a", "b", "c"], node: "somebody-else"));

        await probe.ExpectEndAsync(Eds, InvalidArgument);
    }

    [Behaviour(Variant.Streams)]
    public async Task B004_RequestWithoutType_IsRefusedOnAdsAndImpliedElsewhere(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"));
        await probe.SendAsync(probe.Request("", []), type: Cds);

        if (Variant.Ads.HasFlag(on))
            Assert.That(await probe.ExpectEndAsync(Cds, InvalidArgument), Does.Contain("type_url"));
        else
            Assert.That((await probe.NextAsync(Cds)).Names, Is.EqualTo("a"));
    }

    [Behaviour(Variant.Ads)]
    public async Task B005_UnknownType_DoesNotEndTheOthers(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"));
        await probe.SubscribeAsync(Unknown, "x");
        if (probe.IsDelta)
            Assert.That((await probe.NextAckedAsync(Unknown)).RemovedNames, Is.EqualTo("x"));

        var clusters = await probe.FetchAsync(Cds);
        await Server.PublishAsync(Cluster("a", 2));

        Assert.That(clusters.Names, Is.EqualTo("a"));
        Assert.That((await probe.NextAckedAsync(Cds)).Names, Is.EqualTo("a"));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B006_OneType_IsNotTouchedByAnother(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Runtime("r"));
        await probe.FetchAsync(Cds);
        var before = await probe.FetchAsync(Rtds, "r");

        await Server.PublishAsync(Cluster("a", 2), Runtime("r", 2));
        var clusters = await probe.NextAsync(Cds);
        var runtime = await probe.NextAckedAsync(Rtds);
        await Server.PublishAsync(Cluster("a", 3), Runtime("r", 2));

        Assert.That(runtime.Version, Is.Not.EqualTo(before.Version).And.Not.EqualTo(clusters.Version));
        Assert.That(runtime.Nonce, Is.Not.EqualTo(clusters.Nonce));
        // Clusters are not answered, so nothing of them may come; that says nothing to the runtime, which is settled.
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B007_TwoStreamsOfOneNode_AreBothServed(Variant on)
    {
        var old = await ConnectAsync(on, Cluster("a"));
        var young = Connect(on);
        await old.FetchAsync(Cds);
        await young.FetchAsync(Cds);

        await Server.PublishAsync(Cluster("a", 2));
        var (first, second) = (await old.NextAckedAsync(Cds), await young.NextAckedAsync(Cds));
        old.Dispose();
        await Server.PublishAsync(Cluster("a", 3));
        var third = await young.NextAckedAsync(Cds);

        Assert.That(first.BytesOf("a"), Is.EqualTo(second.BytesOf("a")).And.EqualTo(Bytes(Cluster("a", 2))));
        Assert.That(third.BytesOf("a"), Is.EqualTo(Bytes(Cluster("a", 3))));
    }

    [Behaviour(Variant.Streams)]
    public async Task B009_EveryEndOfAStream_ReleasesIt(Variant on)
    {
        var half = await ConnectAsync(on, Cluster("a"));
        var reset = Connect(on);
        await half.FetchAsync(Cds);
        await reset.FetchAsync(Cds);
        await AdminAsync("/metrics", static text => text.Contains("selfheal_xds_streams 2", StringComparison.Ordinal));

        await half.ExpectSilenceAsync();
        reset.Dispose();

        await AdminAsync("/metrics", static text => text.Contains("selfheal_xds_streams 0", StringComparison.Ordinal));
        await AdminAsync("/api/proxies", static text => !text.Contains("\"probe\"", StringComparison.Ordinal));
        var last = Connect(on);
        await last.FetchAsync(Cds);
        var stopping = Server.StopAsync();
        await last.ExpectEndAsync(Cds, Unavailable);
        await stopping;
    }

    private async Task AdminAsync(string path, Func<string, bool> holds)
    {
        using var admin = Server.CreateAdminClient();
        await Eventually.HoldsAsync(
            async () => holds(await admin.GetStringAsync(path)), $"what {path} says", TestTimeouts.Default);
    }
}
