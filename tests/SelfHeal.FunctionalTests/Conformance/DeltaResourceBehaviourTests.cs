using Envoy.Service.Discovery.V3;
using static SelfHeal.FunctionalTests.Conformance.Content;
using static SelfHeal.FunctionalTests.Conformance.XdsServices;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>Behaviours 62 to 73, without those of a NACK: what a client of the incremental variant holds.</summary>
[Order(1)]
internal sealed class DeltaResourceBehaviourTests : ConformanceFixture
{
    private const int Unimplemented = 12;

    [Behaviour(Variant.Delta)]
    public async Task B062_InitialVersions_CountInTheFirstMessageOnly(Variant on)
    {
        var earlier = await ConnectAsync(on, Endpoints("a"), Endpoints("b"));
        var held = await earlier.FetchAsync(Eds, "a", "b");
        var probe = Connect(on);
        var first = new DeltaDiscoveryRequest { TypeUrl = Eds, ResourceNamesSubscribe = { "a" } };
        first.InitialResourceVersions.Add("a", held.Find("a").Version);
        var later = new DeltaDiscoveryRequest { TypeUrl = Eds, ResourceNamesSubscribe = { "b" } };
        later.InitialResourceVersions.Add("b", held.Find("b").Version);

        await probe.SendAsync(first);
        await probe.SendAsync(later);

        Assert.That((await probe.NextAckedAsync(Eds)).Names, Is.EqualTo("b"), "a was skipped, b was not");
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Delta)]
    public async Task B063_Reconnect_GetsWhatChangedAndWhatIsGone(Variant on)
    {
        var earlier = await ConnectAsync(on, Cluster("same"), Cluster("changed"), Cluster("gone"));
        var held = await earlier.FetchAsync(Cds);
        earlier.Dispose();
        await Server.PublishAsync(Cluster("same"), Cluster("changed", 2), Cluster("new"));
        var probe = Connect(on);

        await probe.ResumeAsync(held);

        var answer = await probe.NextAckedAsync(Cds);
        Assert.That((answer.Names, answer.RemovedNames), Is.EqualTo(("changed,new", "gone")));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.DeltaAds)]
    public async Task B064_EndpointsResumedAfterClusters_AreAnsweredInFull(Variant on)
    {
        var earlier = await ConnectAsync(on, EdsCluster("a"), Endpoints("a"));
        await earlier.FetchAsync(Cds);
        var held = await earlier.FetchAsync(Eds, "a");
        var probe = Connect(on);
        await probe.FetchAsync(Cds);

        await probe.ResumeAsync(held, "a");

        Assert.That((await probe.NextAckedAsync(Eds)).Names, Is.EqualTo("a"), "the cluster warms and waits for it");
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Delta)]
    public async Task B065_VersionOfAResource_IsThatOfItsContent(Variant on)
    {
        var first = await (await ConnectAsync(on, Cluster("a"), Cluster("b"))).FetchAsync(Cds);
        var replica = await (await ConnectAsync(on, Cluster("a"), Cluster("b", 2), Cluster("c"))).FetchAsync(Cds);

        Assert.That(replica.Find("a").Version, Is.EqualTo(first.Find("a").Version).And.Not.Empty);
        Assert.That(replica.Find("b").Version, Is.Not.EqualTo(first.Find("b").Version));
    }

    [Behaviour(Variant.Delta)]
    public async Task B067_GoneAndBack_IsNotBothSentAndRemoved(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"));
        await probe.SubscribeAsync(Cds, "*", "b", "x");
        var first = await probe.NextAsync(Cds);
        await Server.PublishAsync(Cluster("a"));
        await Server.PublishAsync(Cluster("a"), Cluster("b", 2), Cluster("x"));

        await probe.AckAsync(first);

        var second = await probe.NextAckedAsync(Cds);
        Assert.That((first.Names, first.RemovedNames), Is.EqualTo(("a,b", "x")));
        Assert.That((second.Names, second.RemovedNames), Is.EqualTo(("b,x", "")));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Delta)]
    public async Task B069_ExtensionThatIsSubscribed_IsNotRemoved(Variant on)
    {
        var probe = await ConnectAsync(on, Extension("e"), Cluster("a"));
        await probe.FetchAsync(Ecds, "e");

        await Server.PublishAsync(Cluster("a"));
        await Server.PublishAsync(Cluster("a"), Extension("e", content: true));

        var back = await probe.NextAckedAsync(Ecds);
        Assert.That((back.Names, back.RemovedNames), Is.EqualTo(("e", "")), "nothing came between");
    }

    [Behaviour(Variant.Delta)]
    public async Task B070_SecretThatIsSubscribed_IsNotRemoved(Variant on)
    {
        var probe = await ConnectAsync(on, Secret("s"), Cluster("a"));
        await probe.FetchAsync(Sds, "s");

        await Server.PublishAsync(Cluster("a"));
        await Server.PublishAsync(Cluster("a"), Secret("s", 2));

        var back = await probe.NextAckedAsync(Sds);
        Assert.That((back.Names, back.RemovedNames), Is.EqualTo(("s", "")), "nothing came between");
    }

    [Behaviour(Variant.Delta)]
    public async Task B071_SystemVersion_IsInformativeOnly(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"));
        var named = await probe.FetchAsync(Cds, "a");

        await Server.PublishAsync(Cluster("a"), Cluster("b", 2));
        var later = await Connect(on).FetchAsync(Cds, "a");

        Assert.That(later.Version, Is.Not.EqualTo(named.Version).And.Not.Empty);
        Assert.That(later.Find("a").Version, Is.EqualTo(named.Find("a").Version));
        await probe.ExpectSilenceAsync(); // What it asked for is unchanged.
    }

    [Behaviour(Variant.Streams)]
    public async Task B072_VirtualHosts_AreServedAsDeltaOnly(Variant on)
    {
        var probe = await ConnectAsync(on, Host("h"));
        await probe.SubscribeAsync(Vhds, "h");

        if (probe.IsDelta)
            Assert.That((await probe.NextAckedAsync(Vhds)).Names, Is.EqualTo("h"));
        if (on is Variant.SotwPerType)
            await probe.ExpectEndAsync(Vhds, Unimplemented);
        else
            await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Delta)]
    public async Task B073_FirstRequestOfMoreThanFourMebibytes_IsAccepted(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"));
        var request = new DeltaDiscoveryRequest { TypeUrl = Cds };
        var padding = new string('x', 1000);
        for (var i = 0; i < 5000; i++)
            request.InitialResourceVersions.Add($"{padding}{i}", "0123456789abcdef");
        Assert.That(request.CalculateSize(), Is.GreaterThan(4 * 1024 * 1024));

        await probe.SendAsync(request);

        var answer = await probe.NextAckedAsync(Cds);
        Assert.That(answer.Names, Is.EqualTo("a"));
        Assert.That(answer.Removed, Has.Length.EqualTo(5000));
    }
}
