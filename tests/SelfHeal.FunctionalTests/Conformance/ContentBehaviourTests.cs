using static SelfHeal.FunctionalTests.Conformance.Content;
using static SelfHeal.FunctionalTests.Conformance.XdsServices;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>Behaviours 38 to 44: what a response holds.</summary>
[Order(1)]
internal sealed class ContentBehaviourTests : ConformanceFixture
{
    [Behaviour(Variant.Sotw)]
    public async Task B038_ListenersAndClusters_AnswerWithTheFullSet(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"), Listener("l"), Listener("m"));
        await probe.FetchAsync(Cds);
        await probe.FetchAsync(Lds);

        await Server.PublishAsync(Cluster("a"), Cluster("b", 2), Cluster("c"), Listener("l", 2), Listener("m"));

        Assert.That((await probe.NextAckedAsync(Cds)).Names, Is.EqualTo("a,b,c"));
        Assert.That((await probe.NextAckedAsync(Lds)).Names, Is.EqualTo("l,m"));
    }

    [Behaviour(Variant.Sotw)]
    public async Task B039_WhatIsGone_IsAbsentFromTheNextAnswer(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"), Listener("l"), Runtime("r"));
        await probe.FetchAsync(Cds);
        await probe.FetchAsync(Lds);

        await Server.PublishAsync(Cluster("a"), Runtime("r"));
        Assert.That((await probe.NextAckedAsync(Lds)).Names, Is.Empty);
        Assert.That((await probe.NextAckedAsync(Cds)).Names, Is.EqualTo("a"));
        await Server.PublishAsync(Runtime("r"));

        Assert.That((await probe.NextAckedAsync(Cds)).Names, Is.Empty);
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Sotw)]
    public async Task B040_PartialAnswers_DeleteNothing(Variant on)
    {
        var probe = await ConnectAsync(on, Endpoints("a"), Endpoints("b"), Routes("r"), Routes("s"));
        await probe.FetchAsync(Eds, "a", "b");
        await probe.FetchAsync(Rds, "r", "s");

        await Server.PublishAsync(Endpoints("a", 2), Endpoints("b"), Routes("r", 201), Routes("s"));
        Assert.That((await probe.NextAckedAsync(Eds)).Names, Does.Contain("a"));
        Assert.That((await probe.NextAckedAsync(Rds)).Names, Does.Contain("r"));
        await Server.PublishAsync(Endpoints("a", 2), Endpoints("b", 2), Routes("r", 201), Routes("s", 201));

        Assert.That((await probe.NextAckedAsync(Eds)).Names, Does.Contain("b"), "it was never taken for deleted");
        Assert.That((await probe.NextAckedAsync(Rds)).Names, Does.Contain("s"));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Sotw)]
    public async Task B041_RoutesOrEndpointsThatVanish_AreNotDeletedByAnEmptyAnswer(Variant on)
    {
        var probe = await ConnectAsync(on, Endpoints("a"), Routes("r"), Cluster("a"));
        await probe.FetchAsync(Eds, "a");
        await probe.FetchAsync(Rds, "r");

        await Server.PublishAsync(Cluster("a"));

        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B042_NameAskedForTwice_IsSentOnce(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"), Endpoints("a"));

        Assert.That((await probe.FetchAsync(Cds, "a", "*", "a")).Names, Is.EqualTo("a,b"));
        Assert.That((await probe.FetchAsync(Eds, "a", "a")).Names, Is.EqualTo("a"));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B043_EveryResource_HasTheTypeOfItsResponse(Variant on)
    {
        var probe = await ConnectAsync(
            on, Cluster("n"), Endpoints("n"), Listener("n"), Scope("n", "n"), Routes("n"), Secret("n"), Extension("n"),
            Runtime("n"), Host("n"));
        var types = new List<string> { Cds, Eds, Lds, Srds, Rds, Sds, Ecds, Rtds };
        if (probe.IsDelta)
            types.Add(Vhds);

        foreach (var type in types)
        {
            var answer = await probe.FetchAsync(type, "n");
            Assert.That(answer.Names, Is.EqualTo("n"), type);
            Assert.That(answer.Find("n").Resource_.TypeUrl, Is.EqualTo(type));
        }
    }

    [Behaviour(Variant.Streams)]
    public async Task B044_WildcardOfAnEmptySet_IsAnswered(Variant on)
    {
        var probe = await ConnectAsync(on, Runtime("r"));

        Assert.That((await probe.FetchAsync(Cds)).Resources, Is.Empty);
        Assert.That((await probe.FetchAsync(Lds)).Resources, Is.Empty);
        await probe.ExpectSilenceAsync();
    }
}
