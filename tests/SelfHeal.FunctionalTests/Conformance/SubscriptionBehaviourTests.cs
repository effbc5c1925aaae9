using Google.Protobuf;
using static SelfHeal.FunctionalTests.Conformance.Content;
using static SelfHeal.FunctionalTests.Conformance.XdsServices;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>Behaviours 27 to 37: names and wildcards.</summary>
[Order(1)]
internal sealed class SubscriptionBehaviourTests : ConformanceFixture
{
    [Behaviour(Variant.Sotw)]
    public async Task B027_FirstRequestWithoutNames_AsksForEverything(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"), Listener("l"), Listener("m"));

        Assert.That((await probe.FetchAsync(Cds)).Names, Is.EqualTo("a,b"));
        Assert.That((await probe.FetchAsync(Lds)).Names, Is.EqualTo("l,m"));
    }

    [Behaviour(Variant.Streams)]
    public async Task B028_StarAndNames_AreBothKept(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"));
        var wildcard = await probe.FetchAsync(Cds, "*");
        var both = Connect(on);
        var first = await both.FetchAsync(Cds, "*", "a");
        await both.RemoveAsync(Cds, "*");
        await both.FenceAsync(Cds);

        await Server.PublishAsync(Cluster("a", 2), Cluster("b", 2));

        Assert.That(wildcard.Names, Is.EqualTo("a,b"));
        Assert.That(first.Names, Is.EqualTo("a,b"));
        Assert.That((await probe.NextAckedAsync(Cds)).Names, Is.EqualTo("a,b"));
        Assert.That((await both.NextAckedAsync(Cds)).Names, Is.EqualTo("a"), "the name is left without the star");
        await both.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Sotw)]
    public async Task B029_NamesAfterAWildcard_EndIt(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"));
        await probe.FetchAsync(Cds);

        await probe.AddAsync(Cds, "a");
        var named = await probe.NextAckedAsync(Cds);
        await Server.PublishAsync(Cluster("a"), Cluster("b", 2));

        Assert.That(named.Names, Is.EqualTo("a"));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Sotw)]
    public async Task B030_EmptyListAfterNames_IsNoWildcard(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"));
        await probe.FetchAsync(Cds, "a");

        await probe.RemoveAsync(Cds, "a");
        await probe.AddAsync(Cds, "b");
        var next = await probe.NextAckedAsync(Cds);
        await Server.PublishAsync(Cluster("a", 2), Cluster("b"));

        Assert.That(next.Names, Is.EqualTo("b"), "the empty list before it was answered with nothing");
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B031_EmptyListOfRoutesEndpointsOrSecrets_IsNoInterest(Variant on)
    {
        var probe = await ConnectAsync(
            on, Endpoints("a"), Endpoints("b"), Routes("a"), Routes("b"), Secret("a"), Secret("b"));
        foreach (var type in (string[])[Eds, Rds, Sds])
        {
            await probe.SubscribeAsync(type);
            await probe.AddAsync(type, "a");
            Assert.That((await probe.NextAckedAsync(type)).Names, Is.EqualTo("a"), "the first request got nothing");
        }

        await Server.PublishAsync(
            Endpoints("a"), Endpoints("b", 2), Routes("a"), Routes("b", 201), Secret("a"), Secret("b", 2));

        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B032_NewName_IsSentAtTheSameVersion(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"), Endpoints("a"), Endpoints("b"));
        await probe.FetchAsync(Cds, "a");
        await probe.FetchAsync(Eds, "a");

        await probe.AddAsync(Eds, "b");
        Assert.That((await probe.NextAckedAsync(Eds)).Names, Does.Contain("b"));
        await probe.AddAsync(Cds, "b");
        Assert.That((await probe.NextAckedAsync(Cds)).Names, Does.Contain("b"));
    }

    [Behaviour(Variant.Streams)]
    public async Task B033_SubscribedAgain_IsSentAfresh(Variant on)
    {
        var probe = await ConnectAsync(on, Endpoints("a"), Endpoints("b"));
        var first = await probe.FetchAsync(Eds, "a", "b");

        await probe.RemoveAsync(Eds, "a");
        await probe.AddAsync(Eds, "a");

        var again = await probe.NextAckedAsync(Eds);
        Assert.That(again.BytesOf("a"), Is.EqualTo(first.BytesOf("a")));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B034_NameThatDoesNotExistYet_IsPushedWhenItDoes(Variant on)
    {
        var probe = await ConnectAsync(on, Routes("r"), Cluster("a"));
        await probe.FetchAsync(Rds, "r", "later");
        await probe.FetchAsync(Cds, "a", "later");

        await Server.PublishAsync(Routes("r"), Routes("later"), Cluster("a"), Cluster("later"));

        Assert.That((await probe.NextAckedAsync(Cds)).Names, Does.Contain("later"));
        Assert.That((await probe.NextAckedAsync(Rds)).Names, Does.Contain("later"));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B035_UnsubscribedMeanwhile_IsNotSent(Variant on)
    {
        var probe = await ConnectAsync(on, Endpoints("a"), Endpoints("b"));
        await probe.SubscribeAsync(Eds, "a", "b");
        var first = await probe.NextAsync(Eds);
        await Server.PublishAsync(Endpoints("a"), Endpoints("b", 2));

        await probe.AckAsync(first, remove: ["b"]);

        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Sotw)]
    public async Task B036_NamedClustersAndListeners_AreAllInEachAnswer(Variant on)
    {
        var probe = await ConnectAsync(
            on, Cluster("a"), Cluster("b"), Cluster("c"), Listener("l"), Listener("m"), Listener("n"));
        await probe.FetchAsync(Cds, "a", "b");
        await probe.FetchAsync(Lds, "l", "m");

        await Server.PublishAsync(
            Cluster("a", 2), Cluster("b"), Cluster("c", 2), Listener("l", 2), Listener("m"), Listener("n", 2));

        Assert.That((await probe.NextAckedAsync(Cds)).Names, Is.EqualTo("a,b"));
        Assert.That((await probe.NextAckedAsync(Lds)).Names, Is.EqualTo("l,m"));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B037_ManyNamesAndManyStreams_Work(Variant on)
    {
        var names = Enumerable.Range(0, 500).Select(static i => $"e{i}").ToArray();
        var probe = await ConnectAsync(on, [.. names.Select(static name => (IMessage)Endpoints(name))]);
        Assert.That((await probe.FetchAsync(Eds, names)).Resources, Has.Length.EqualTo(500));

        var probes = names.Take(30).Select(name => (Name: name, Probe: Connect(on))).ToList();
        var answers = await Task.WhenAll(probes.Select(static p => p.Probe.FetchAsync(Eds, p.Name)));

        Assert.That(answers.Select(static a => a.Names), Is.EqualTo(names.Take(30)));
    }
}
