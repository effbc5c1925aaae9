using Envoy.Service.Discovery.V3;
using static SelfHeal.FunctionalTests.Conformance.Content;
using static SelfHeal.FunctionalTests.Conformance.XdsServices;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>Behaviours 10 to 26 without those of a NACK: nonces, versions, ACKs.</summary>
[Order(1)]
internal sealed class AnswerBehaviourTests : ConformanceFixture
{
    [Behaviour(Variant.Streams)]
    public async Task B010_Nonce_NeverComesAgainOnItsStream(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Runtime("r"));
        List<Answer> answers = [await probe.FetchAsync(Cds), await probe.FetchAsync(Rtds, "r")];
        for (var content = 2; content < 6; content++)
        {
            await Server.PublishAsync(Cluster("a", content), Runtime("r"));
            answers.Add(await probe.NextAckedAsync(Cds));
        }

        Assert.That(answers.Select(static a => a.Nonce), Is.All.Not.Empty);
        var oneStream = answers.Where(a => Variant.Ads.HasFlag(on) || a.Type is Cds);
        Assert.That(oneStream.Select(static a => a.Nonce), Is.Unique);
    }

    [Behaviour(Variant.Streams)]
    public async Task B011_NonceOfAnotherStream_CountsAsAFirstRequest(Variant on)
    {
        var earlier = await ConnectAsync(on, Endpoints("a"), Endpoints("b"));
        var held = await earlier.FetchAsync(Eds, "a");
        var probe = Connect(on);

        await probe.SendAsync(probe.Request(Eds, ["a"], held.Nonce));

        Assert.That((await probe.NextAckedAsync(Eds)).Names, Is.EqualTo("a"));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Sotw)]
    public async Task B012_Version_ChangesWithItsTypeOnly(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Runtime("r"));
        var first = await probe.FetchAsync(Cds);
        await Server.PublishAsync(Cluster("a", 2), Runtime("r"));
        var changed = await probe.NextAckedAsync(Cds);
        await Server.PublishAsync(Cluster("a", 2), Cluster("b"), Runtime("r"));
        var added = await probe.NextAckedAsync(Cds);
        await Server.PublishAsync(Cluster("a", 2), Cluster("b"), Runtime("r", 2));
        var unchanged = await Connect(on).FetchAsync(Cds);

        Assert.That(new[] { first.Version, changed.Version, added.Version }, Is.Unique);
        Assert.That(unchanged.Version, Is.EqualTo(added.Version));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Sotw)]
    public async Task B013_Version_IsEqualAfterARestart(Variant on)
    {
        var first = await (await ConnectAsync(on, Cluster("a"), Cluster("b"))).FetchAsync(Cds);
        var again = await (await ConnectAsync(on, Cluster("b"), Cluster("a"))).FetchAsync(Cds);
        var other = await (await ConnectAsync(on, Cluster("a"), Cluster("b", 2))).FetchAsync(Cds);

        Assert.That(again.Version, Is.EqualTo(first.Version));
        Assert.That(other.Version, Is.Not.EqualTo(first.Version));
    }

    [Behaviour(Variant.Streams)]
    public async Task B014_MatchingNonceWithoutError_IsAnAckAndIsNotAnswered(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Endpoints("a"));
        var clusters = await probe.FetchAsync(Cds);
        var endpoints = await probe.FetchAsync(Eds, "a");

        await probe.AckAsync(clusters);
        await probe.AckAsync(endpoints);

        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B020_OlderNonce_GetsNoResponse(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"));
        var first = await probe.FetchAsync(Cds);
        await Server.PublishAsync(Cluster("a", 2));
        await probe.NextAsync(Cds);

        await probe.AckAsync(first);

        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Sotw)]
    public async Task B021_NamesOfAStaleRequest_AreNotLost(Variant on)
    {
        var probe = await ConnectAsync(on, Endpoints("a"), Endpoints("b"));
        var first = await probe.FetchAsync(Eds, "a");
        await Server.PublishAsync(Endpoints("a", 2), Endpoints("b"));
        var second = await probe.NextAsync(Eds);

        await probe.SendAsync(probe.Request(Eds, ["a", "b"], first.Nonce));
        await probe.AckAsync(second, add: ["b"]);

        Assert.That((await probe.NextAckedAsync(Eds)).Names, Does.Contain("b"));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Sotw)]
    public async Task B022_NewerRequest_ReplacesTheOlder(Variant on)
    {
        var probe = await ConnectAsync(on, Endpoints("a"), Endpoints("b"));
        await probe.SubscribeAsync(Eds, "a");
        await probe.SendAsync(new DiscoveryRequest { TypeUrl = Eds, ResourceNames = { "b" } });
        var answer = await probe.NextAsync(Eds);
        if (answer.Names is "a")
        {
            // The server was faster than the second request.
            await probe.AckAsync(answer, add: ["b"], remove: ["a"]);
            answer = await probe.NextAsync(Eds);
        }
        Assert.That(answer.Names, Is.EqualTo("b"));
        await probe.AckAsync(answer, add: ["b"], remove: ["a"]);

        await Server.PublishAsync(Endpoints("a", 2), Endpoints("b", 2));

        Assert.That((await probe.NextAckedAsync(Eds)).Names, Is.EqualTo("b"));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Sotw)]
    public async Task B023_SameNonceWithOtherNames_IsNoNack(Variant on)
    {
        var probe = await ConnectAsync(on, Endpoints("a"), Endpoints("b"), Endpoints("c"));
        await probe.FetchAsync(Eds, "a");

        await probe.AddAsync(Eds, "b");
        await probe.AddAsync(Eds, "c");
        var names = (await probe.NextAckedAsync(Eds)).Names;
        if (!names.Contains('c', StringComparison.Ordinal))
            names += (await probe.NextAckedAsync(Eds)).Names;

        Assert.That(names, Does.Contain("b").And.Contain("c"));
        await Server.PublishAsync(Endpoints("a", 2), Endpoints("b"), Endpoints("c"));
        Assert.That((await probe.NextAckedAsync(Eds)).Names, Does.Contain("a"));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B024_NothingOfInterestChanged_NothingIsSent(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"), Endpoints("a"), Runtime("r"));
        await probe.FetchAsync(Cds, "a");
        await probe.FetchAsync(Eds, "a");

        await Server.PublishAsync(Cluster("a"), Cluster("b", 2), Endpoints("a"), Endpoints("b"), Runtime("r", 2));
        await Server.PublishAsync(Cluster("a"), Cluster("c"), Endpoints("a"), Runtime("r", 3));

        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Sotw)]
    public async Task B026_ReconnectThatStatesAVersion_IsAnswered(Variant on)
    {
        var earlier = await ConnectAsync(on, Cluster("a"), Cluster("b"), Endpoints("a"));
        var endpoints = await earlier.FetchAsync(Eds, "a");
        var clusters = await earlier.FetchAsync(Cds);
        await Server.PublishAsync(Cluster("a"), Cluster("b", 2), Endpoints("a"));

        var probe = Connect(on);
        await probe.ResumeAsync(endpoints, "a");
        Assert.That((await probe.NextAckedAsync(Eds)).Names, Is.EqualTo("a"), "names, equal version");
        await probe.ResumeAsync(clusters);
        Assert.That((await probe.NextAckedAsync(Cds)).Names, Is.EqualTo("a,b"), "wildcard, older version");
    }
}
