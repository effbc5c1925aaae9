using Envoy.Service.Discovery.V3;
using static SelfHeal.FunctionalTests.Conformance.Content;
using static SelfHeal.FunctionalTests.Conformance.XdsServices;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>Behaviours 46 to 61, without those of a NACK: subscriptions of the incremental variant.</summary>
[Order(1)]
internal sealed class DeltaBehaviourTests : ConformanceFixture
{
    [Behaviour(Variant.Delta)]
    public async Task B046_Answer_IsPairedByNonce(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"));
        await probe.SubscribeAsync(Cds);
        var first = await probe.NextAsync(Cds);
        await probe.SendAsync(new DeltaDiscoveryRequest { TypeUrl = Cds, ResponseNonce = $"{first.Nonce}-not" });
        await Server.PublishAsync(Cluster("a", 2));
        await probe.AckAsync(first);
        var second = await probe.NextAckedAsync(Cds);

        Assert.That(first.Nonce, Is.Not.Empty);
        Assert.That(second.Nonce, Is.Not.Empty.And.Not.EqualTo(first.Nonce));
        Assert.That(second.BytesOf("a"), Is.EqualTo(Bytes(Cluster("a", 2))));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Delta)]
    public async Task B047_RequestWithoutNonce_IsNoAck(Variant on)
    {
        var silent = await ConnectAsync(on, Endpoints("a"), Endpoints("b"));
        var probe = Connect(on);
        await silent.SubscribeAsync(Eds, "a");
        await silent.NextAsync(Eds);
        await probe.SubscribeAsync(Eds, "a");
        var first = await probe.NextAsync(Eds);

        await silent.AddAsync(Eds, "b");
        await silent.ExpectSilenceAsync(); // One response at a time waits for its answer, and this was none.
        await probe.AddAsync(Eds, "b");
        await probe.AckAsync(first);

        Assert.That((await probe.NextAckedAsync(Eds)).Names, Is.EqualTo("b"));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Delta)]
    public async Task B048_ChangeInAStaleRequest_Counts(Variant on)
    {
        var probe = await ConnectAsync(on, Endpoints("a"), Endpoints("b"));
        var first = await probe.FetchAsync(Eds, "a");
        await Server.PublishAsync(Endpoints("a", 2), Endpoints("b"));
        var second = await probe.NextAsync(Eds);

        await probe.SendAsync(probe.Request(Eds, ["b"], first.Nonce));
        await probe.AckAsync(second);

        Assert.That((await probe.NextAckedAsync(Eds)).Names, Is.EqualTo("b"));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Delta)]
    public async Task B049_ChangeInAnAck_Counts(Variant on)
    {
        var probe = await ConnectAsync(on, Endpoints("a"), Endpoints("b"));
        await probe.SubscribeAsync(Eds, "a");

        await probe.AckAsync(await probe.NextAsync(Eds), add: ["b"], remove: ["a"]);

        Assert.That((await probe.NextAckedAsync(Eds)).Names, Is.EqualTo("b"));
        await Server.PublishAsync(Endpoints("a", 2), Endpoints("b"));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Delta)]
    public async Task B051_OnlyWhatChanged_IsSent(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"), Endpoints("a"), Endpoints("b"));
        await probe.FetchAsync(Cds);
        await probe.FetchAsync(Eds, "a", "b");

        await Server.PublishAsync(Cluster("a"), Cluster("b", 2), Endpoints("a", 2), Endpoints("b"));
        var (clusters, endpoints) = (await probe.NextAckedAsync(Cds), await probe.NextAckedAsync(Eds));

        Assert.That((clusters.Names, clusters.RemovedNames), Is.EqualTo(("b", "")));
        Assert.That((endpoints.Names, endpoints.RemovedNames), Is.EqualTo(("a", "")));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Delta)]
    public async Task B052_ResourceThatIsGone_IsNamedAsRemoved(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"), Routes("r"), Routes("s"));
        await probe.FetchAsync(Cds);
        await probe.FetchAsync(Rds, "r", "s");

        await Server.PublishAsync(Cluster("a"), Routes("r"));
        var (routes, clusters) = (await probe.NextAckedAsync(Rds), await probe.NextAckedAsync(Cds));

        Assert.That((clusters.Names, clusters.RemovedNames), Is.EqualTo(("", "b")));
        Assert.That((routes.Names, routes.RemovedNames), Is.EqualTo(("", "s")));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Delta)]
    public async Task B053_NameThatDoesNotExist_IsNamedAsRemovedAtOnce(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"));
        foreach (var type in (string[])[Cds, Eds, Lds, Rds, Sds, Ecds, Rtds])
        {
            var answer = await probe.FetchAsync(type, "missing");
            Assert.That((answer.Names, answer.RemovedNames), Is.EqualTo(("", "missing")), type);
        }
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Delta)]
    public async Task B054_NameThatDoesNotExist_StaysSubscribed(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"));
        await probe.FetchAsync(Cds, "later");
        await probe.FetchAsync(Eds, "later");

        await Server.PublishAsync(Cluster("a"), Cluster("later"), Endpoints("later"));

        Assert.That((await probe.NextAckedAsync(Cds)).Names, Is.EqualTo("later"));
        Assert.That((await probe.NextAckedAsync(Eds)).Names, Is.EqualTo("later"));
    }

    [Behaviour(Variant.Delta)]
    public async Task B055_NameSubscribedAgain_IsSentAgain(Variant on)
    {
        var probe = await ConnectAsync(on, Endpoints("a"), Endpoints("b"));
        var first = await probe.FetchAsync(Eds, "a", "b");

        await probe.AddAsync(Eds, "a");
        var again = await probe.NextAckedAsync(Eds);

        Assert.That(again.Names, Is.EqualTo("a"));
        Assert.That(again.Find("a").Version, Is.EqualTo(first.Find("a").Version));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Delta)]
    public async Task B056_UnsubscribingTheUnknown_IsHarmless(Variant on)
    {
        var probe = await ConnectAsync(on, Endpoints("a"));
        await probe.FetchAsync(Eds, "a");

        await probe.RemoveAsync(Eds, "never", "a-", "*");
        await Server.PublishAsync(Endpoints("a", 2));

        Assert.That((await probe.NextAckedAsync(Eds)).Names, Is.EqualTo("a"));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Delta)]
    public async Task B057_Unsubscription_NeedsNoResponse(Variant on)
    {
        var probe = await ConnectAsync(on, Endpoints("a"), Endpoints("b"));
        await probe.FetchAsync(Eds, "a", "b");

        await probe.RemoveAsync(Eds, "b");
        var fence = await probe.FenceAsync(Eds);
        await Server.PublishAsync(Endpoints("a"), Endpoints("b", 2));

        Assert.That((fence.Names, fence.RemovedNames), Is.EqualTo(("", "fence")), "nothing came before it");
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Delta)]
    public async Task B058_NameUnsubscribedUnderAWildcard_IsAnswered(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"));
        await probe.FetchAsync(Cds, "*", "a", "x");

        await probe.RemoveAsync(Cds, "a");
        var stays = await probe.NextAckedAsync(Cds);
        await probe.RemoveAsync(Cds, "x");
        var goes = await probe.NextAckedAsync(Cds);

        Assert.That((stays.Names, stays.RemovedNames), Is.EqualTo(("a", "")));
        Assert.That((goes.Names, goes.RemovedNames), Is.EqualTo(("", "x")));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Delta)]
    public async Task B059_NamesAddedToAFirstWildcard_KeepIt(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"));
        var first = await probe.FetchAsync(Cds);

        await probe.AddAsync(Cds, "a");
        var named = await probe.NextAckedAsync(Cds);
        await Server.PublishAsync(Cluster("a"), Cluster("b", 2));

        Assert.That(first.Names, Is.EqualTo("a,b"));
        Assert.That(named.Names, Is.EqualTo("a"));
        Assert.That((await probe.NextAckedAsync(Cds)).Names, Is.EqualTo("b"));
    }

    [Behaviour(Variant.Delta)]
    public async Task B060_WithoutStarAndNames_NothingIsLeft(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"));
        await probe.FetchAsync(Cds, "*", "a");

        await probe.RemoveAsync(Cds, "*");
        await probe.FenceAsync(Cds);
        await Server.PublishAsync(Cluster("a", 2), Cluster("b", 2));
        var named = await probe.NextAckedAsync(Cds);
        await probe.RemoveAsync(Cds, "a", "fence");
        await probe.FenceAsync(Cds);
        await Server.PublishAsync(Cluster("a", 3), Cluster("b", 3));

        Assert.That((named.Names, named.RemovedNames), Is.EqualTo(("a", "")));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Delta)]
    public async Task B061_SubscribedAndUnsubscribedAtOnce_IsNotSubscribed(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Endpoints("a"));
        foreach (var (type, name) in new[] { (Cds, "*"), (Eds, "a") })
        {
            await probe.SendAsync(new DeltaDiscoveryRequest
            {
                TypeUrl = type,
                ResourceNamesSubscribe = { name },
                ResourceNamesUnsubscribe = { name },
            });
            var fence = await probe.FenceAsync(type);
            Assert.That((fence.Names, fence.RemovedNames), Is.EqualTo(("", "fence")), "nothing came before it");
        }

        await Server.PublishAsync(Cluster("a", 2), Endpoints("a", 2));

        await probe.ExpectSilenceAsync();
    }
}
