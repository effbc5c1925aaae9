using Envoy.Config.Core.V3;
using SelfHeal.Sidecar.Config;
using static SelfHeal.FunctionalTests.Conformance.Content;
using static SelfHeal.FunctionalTests.Conformance.XdsServices;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>Behaviours 8, 68, 84 to 86, 88 and 89: TTL, names, and what is said of single resources.</summary>
[Order(1)]
internal sealed class ResourceBehaviourTests : ConformanceFixture
{
    private const int NotFound = 5;
    private const int PermissionDenied = 7;
    private const string Authority = "xdstp://authority/envoy.config.cluster.v3.Cluster";

    private static Node Capable => new()
    {
        Id = "probe",
        ClientFeatures = { "xds.config.supports-resource-ttl", "xds.config.resource-in-sotw" },
    };

    [Behaviour(Variant.Streams)]
    public async Task B008_FeaturesNotAnnounced_AreNotUsed(Variant on)
    {
        var probe = await ConnectAsync(on, Wrapped(Runtime("r"), ttlSeconds: 10));

        var answer = await probe.FetchAsync(Rtds, "r");
        Server.Clock.Advance(TimeSpan.FromMinutes(1));
        await Server.PublishAsync(Wrapped(Runtime("r"), ttlSeconds: 20));

        Assert.That(answer.IsWrapped, Is.False);
        Assert.That(answer.Find("r").Ttl, Is.Null);
        await probe.ExpectSilenceAsync(); // No heartbeat, and a TTL that it cannot use is no change.
    }

    [Behaviour(Variant.Delta)]
    public async Task B068_NameAndAliases_BothMatch(Variant on)
    {
        var byName = await ConnectAsync(on, Wrapped(Cluster("a"), aliases: ["first", "second"]), Cluster("b"));
        var byAlias = Connect(on);

        var named = await byName.FetchAsync(Cds, "a");
        var aliased = await byAlias.FetchAsync(Cds, "second");
        await Server.PublishAsync(Wrapped(Cluster("a", 2), aliases: ["first", "second"]), Cluster("b", 2));
        var changed = await byAlias.NextAckedAsync(Cds);

        foreach (var answer in (Answer[])[named, aliased, changed])
        {
            Assert.That(answer.Names, Is.EqualTo("a"), "the canonical name");
            Assert.That(answer.Find("a").Aliases, Is.EquivalentTo(new[] { "first", "second" }));
        }
        await byAlias.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B084_Ttl_IsKeptAliveByHeartbeatsWithoutABody(Variant on)
    {
        await ServeAsync(Wrapped(Runtime("r"), ttlSeconds: 10));
        var probe = Connect(on, Capable);
        var first = await probe.FetchAsync(Rtds, "r");

        Server.Clock.Advance(TimeSpan.FromSeconds(10));
        var beat = await probe.NextAckedAsync(Rtds);
        Server.Clock.Advance(TimeSpan.FromSeconds(10));
        var another = await probe.NextAckedAsync(Rtds);

        Assert.That(first.Find("r").Ttl.Seconds, Is.EqualTo(10));
        foreach (var answer in (Answer[])[beat, another])
        {
            Assert.That(answer.Find("r").Resource_, Is.Null);
            Assert.That(answer.Find("r").Ttl.Seconds, Is.EqualTo(10));
            Assert.That(answer.Find("r").Version, Is.EqualTo(first.Find("r").Version));
            Assert.That(answer.Version, Is.EqualTo(first.Version));
        }
    }

    [Behaviour(Variant.Sotw)]
    public async Task B085_Wrapper_IsForClientsThatAnnounceIt(Variant on)
    {
        await ServeAsync(Wrapped(Runtime("r"), ttlSeconds: 10), Runtime("s"));
        var capable = await Connect(on, Capable).FetchAsync(Rtds, "r");
        var half = new Node { Id = "half", ClientFeatures = { "xds.config.supports-resource-ttl" } };

        Assert.That(capable.IsWrapped, Is.True);
        Assert.That(capable.BytesOf("r"), Is.EqualTo(Bytes(Runtime("r"))));
        foreach (var probe in (XdsProbe[])[Connect(on), Connect(on, half)])
        {
            var answer = await probe.FetchAsync(Rtds, "r", "s");
            Assert.That(answer.IsWrapped, Is.False);
            Assert.That(answer.Names, Is.EqualTo("r,s"));
        }
    }

    [Behaviour(Variant.Streams)]
    public async Task B086_DroppedTtl_IsSentAgainWithoutIt(Variant on)
    {
        await ServeAsync(Wrapped(Runtime("r"), ttlSeconds: 10));
        var probe = Connect(on, Capable);
        var before = await probe.FetchAsync(Rtds, "r");

        await Server.PublishAsync(Runtime("r"));
        var after = await probe.NextAckedAsync(Rtds);
        Server.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.That(before.Find("r").Ttl, Is.Not.Null);
        Assert.That(after.Find("r").Ttl, Is.Null);
        Assert.That(after.BytesOf("r"), Is.EqualTo(Bytes(Runtime("r"))));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B088_XdstpNames_AreNormalisedAndCollectionsMatchByPrefix(Variant on)
    {
        var probe = await ConnectAsync(
            on, Cluster($"{Authority}/one?x=1&y=2"), Cluster($"{Authority}/all/a"), Cluster($"{Authority}/all/b"),
            Cluster($"{Authority}/allies"));

        var single = await probe.FetchAsync(Cds, $"{Authority}/one?y=2&x=1");
        var collector = Connect(on);
        var collection = await collector.FetchAsync(Cds, $"{Authority}/all/*");
        await Server.PublishAsync(
            Cluster($"{Authority}/one?x=1&y=2"), Cluster($"{Authority}/all/a"), Cluster($"{Authority}/all/b"),
            Cluster($"{Authority}/all/c"), Cluster($"{Authority}/allies", 2));
        var more = await collector.NextAckedAsync(Cds);

        Assert.That(single.Names, Is.EqualTo($"{Authority}/one?x=1&y=2"));
        Assert.That(collection.Names, Is.EqualTo($"{Authority}/all/a,{Authority}/all/b"));
        Assert.That(more.Names, Does.Contain($"{Authority}/all/c").And.Not.Contain("allies"));
        await probe.ExpectSilenceAsync();
        await collector.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B089_MissingOrForbiddenResource_IsToldByNameOnceAndNeverWithTheResource(Variant on)
    {
        var probe = await ConnectAsync(on, Routes("r"));

        var missing = await probe.FetchAsync(Rds, "r", "later");
        await Server.PublishAsync(Routes("r", 201));
        var unrelated = await probe.NextAckedAsync(Rds);
        await Server.PublishAsync(Routes("r", 201), Routes("later"));
        var present = await probe.NextAckedAsync(Rds);

        Assert.That(missing.Errors, Is.EqualTo(new[] { ("later", NotFound) }));
        Assert.That(missing.Names, Is.EqualTo("r"));
        Assert.That(unrelated.Errors, Is.Empty, "once is enough");
        Assert.That(present.Errors, Is.Empty);
        Assert.That(present.Names, Does.Contain("later"));
        await probe.ExpectSilenceAsync();

        await ServeAsync(
            new ServerSettings { Rule = new XdsAuthorisationOptions { Secrets = ["mine"] } },
            Secret("mine"),
            Secret("theirs"));
        var restricted = Connect(on);
        var denied = await restricted.FetchAsync(Sds, "mine", "theirs");
        await Server.PublishAsync(Secret("mine", 2), Secret("theirs", 2));
        var allowed = await restricted.NextAckedAsync(Sds);

        Assert.That(denied.Errors, Is.EqualTo(new[] { ("theirs", PermissionDenied) }));
        Assert.That(denied.Names, Is.EqualTo("mine"));
        Assert.That((allowed.Names, allowed.Errors.Length), Is.EqualTo(("mine", 0)), "once is enough");
        await restricted.ExpectSilenceAsync();
    }
}
