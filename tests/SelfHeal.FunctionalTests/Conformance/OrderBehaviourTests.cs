using Google.Protobuf;
using static SelfHeal.FunctionalTests.Conformance.Content;
using static SelfHeal.FunctionalTests.Conformance.XdsServices;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>Behaviours 74 to 81: in which order types are sent, and what warming clients wait for.</summary>
[Order(1)]
internal sealed class OrderBehaviourTests : ConformanceFixture
{
    private const int Unavailable = 14;

    [Behaviour(Variant.Ads)]
    public async Task B074_OneChange_IsSentInTheOrderOfTypes(Variant on)
    {
        var probe = await ConnectAsync(on, All(1));
        List<string> types = [Cds, Eds, Lds, Rds];
        if (probe.IsDelta)
            types.Add(Vhds);
        foreach (var type in types)
            await probe.FetchAsync(type, "n");

        await Server.PublishAsync(All(2));

        foreach (var type in types)
            await probe.NextAckedAsync(type);
        await probe.ExpectSilenceAsync();

        static IMessage[] All(int content) =>
        [
            EdsCluster("n", content), Endpoints("n", content), RdsListener("n", "n", content),
            Routes("n", 200 + content), Host("n", 200 + content),
        ];
    }

    [Behaviour(Variant.Ads)]
    public async Task B075_ClustersThatVanish_GoAfterTheRoutesThatDroppedThem(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("old"), Cluster("new"), RoutesTo("r", "old"));
        await probe.FetchAsync(Cds);
        await probe.FetchAsync(Rds, "r");

        await Server.PublishAsync(Cluster("new"), RoutesTo("r", "new"));
        var routes = await probe.NextAsync(Rds);
        await probe.AckAsync(routes);
        var clusters = await probe.NextAckedAsync(Cds);

        Assert.That(routes.BytesOf("r"), Is.EqualTo(Bytes(RoutesTo("r", "new"))));
        Assert.That((clusters.Names, clusters.RemovedNames), Is.EqualTo(probe.IsDelta ? ("", "old") : ("new", "")));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Ads)]
    public async Task B076_EndpointsOfAChangedCluster_AreSentEvenIfIdentical(Variant on)
    {
        var probe = await ConnectAsync(on, EdsCluster("a"), EdsCluster("b"), Endpoints("a"), Endpoints("b"));
        await probe.FetchAsync(Cds);
        var before = await probe.FetchAsync(Eds, "a", "b");

        await Server.PublishAsync(EdsCluster("a", 2), EdsCluster("b"), Endpoints("a"), Endpoints("b"));
        await probe.NextAckedAsync(Cds);
        var again = await probe.NextAckedAsync(Eds);

        Assert.That(again.BytesOf("a"), Is.EqualTo(before.BytesOf("a")));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B077_EndpointsOfAnUnknownCluster_AreAnswered(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"));

        var answer = await probe.FetchAsync(Eds, "unknown");

        if (probe.IsDelta)
            Assert.That((answer.Names, answer.RemovedNames), Is.EqualTo(("", "unknown")));
        else
        {
            var empty = answer.MessageOf<Envoy.Config.Endpoint.V3.ClusterLoadAssignment>("unknown");
            Assert.That(empty.Endpoints, Is.Empty);
        }
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B078_WhatAListenerNames_IsAnswered(Variant on)
    {
        IMessage[] named = [Routes("n"), Secret("n"), Extension("n"), Routes("m"), Secret("m"), Extension("m")];
        var probe = await ConnectAsync(on, [RdsListener("l", "n"), .. named]);
        await probe.FetchAsync(Lds);
        foreach (var type in (string[])[Rds, Sds, Ecds])
            Assert.That((await probe.FetchAsync(type, "n")).Names, Is.EqualTo("n"), type);

        // The next listener warms with others.
        await Server.PublishAsync([RdsListener("l", "m", 2), .. named]);
        await probe.NextAckedAsync(Lds);

        foreach (var type in (string[])[Rds, Sds, Ecds])
        {
            await probe.AddAsync(type, "m");
            Assert.That((await probe.NextAckedAsync(type)).Names, Does.Contain("m"), type);
        }
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B079_ClientThatNamesLessThanThereIs_IsAnswered(Variant on)
    {
        var probe = await ConnectAsync(
            on, Cluster("a"), Cluster("b"), Endpoints("a"), Endpoints("b"), Routes("a"), Routes("b"), Listener("a"));
        foreach (var type in (string[])[Cds, Eds, Rds])
            Assert.That((await probe.FetchAsync(type, "a")).Names, Is.EqualTo("a"), type);
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Ads)]
    public async Task B080_EndpointsBeforeClustersOnAReconnect_AreServedAtOnce(Variant on)
    {
        var earlier = await ConnectAsync(on, EdsCluster("a"), Endpoints("a"));
        await earlier.FetchAsync(Cds);
        var held = await earlier.FetchAsync(Eds, "a");
        earlier.Dispose();
        await Server.PublishAsync(EdsCluster("a"), Endpoints("a", 2));
        var probe = Connect(on);

        await probe.ResumeAsync(held, "a");

        Assert.That((await probe.NextAckedAsync(Eds)).BytesOf("a"), Is.EqualTo(Bytes(Endpoints("a", 2))));
    }

    [Behaviour(Variant.Ads)]
    public async Task B081_ResumedStreamWithoutClustersAndListeners_IsEnded(Variant on)
    {
        var earlier = await ConnectAsync(on, EdsCluster("a"), Endpoints("a"));
        await earlier.FetchAsync(Cds);
        var held = await earlier.FetchAsync(Eds, "a");
        await Server.PublishAsync(EdsCluster("a"), Endpoints("a", 2));
        var probe = Connect(on);
        await probe.ResumeAsync(held, "a");
        await probe.NextAckedAsync(Eds);

        Server.Clock.Advance(TimeSpan.FromSeconds(35));

        await probe.ExpectEndAsync(Eds, Unavailable);
        await earlier.NextAckedAsync(Eds); // The other one asked for clusters, and goes on.
    }
}
