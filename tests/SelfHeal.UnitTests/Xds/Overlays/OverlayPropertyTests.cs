using Envoy.Config.Route.V3;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Overlays;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.Overlays.TestOverlays;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Overlays;

/// <summary>
/// What holds for any overlays on any resources, those that fit and those that do not. FsCheck prints the seed of a
/// failure.
/// </summary>
internal sealed class OverlayPropertyTests
{
    private static readonly string[] Clusters = ["a", "b", "c"];
    private static readonly string[] Conditions = ["5xx", "reset", "connect-failure", "gateway-error"];
    private static readonly SnapshotBuilder Builder = new(new SnapshotValidator());
    private static readonly ValidatedSnapshot Intended = Snapshot(
    [
        .. Clusters.SelectMany(static name => Service(name)),
        Split("split", ("a", 50), ("b", 30), ("c", 20)),
        Retried("retried"),
        XdsResource.FromMessage(new Envoy.Service.Runtime.V3.Runtime { Name = "known" }),
    ]);

    [Test]
    public void Build_Together_IsOneAfterTheOther() => Check(seeds =>
    {
        var overlays = seeds.Select(Drawn).ToList();
        var together = Builder.Build(Intended, overlays);

        var source = Intended;
        var laid = new List<string>();
        var refused = new List<string>();
        foreach (var overlay in overlays.OrderBy(static o => o.Id, StringComparer.Ordinal))
        {
            var step = Builder.Build(source, [overlay]);
            source = step.Snapshot;
            laid.AddRange(step.Laid.Select(static o => o.Id));
            refused.AddRange(step.Refused.Select(static e => e.OverlayId));
        }

        Assert.That(Versions(together.Snapshot), Is.EqualTo(Versions(source)));
        Assert.That(together.Laid.Select(static o => o.Id), Is.EqualTo(laid));
        Assert.That(together.Refused.Select(static e => e.OverlayId), Is.EqualTo(refused));
    });

    [Test]
    public void Build_InAnyOrderOfLaying_IsTheSame() => Check(seeds =>
    {
        var overlays = seeds.Select(Drawn).ToList();
        var reversed = Enumerable.Reverse(overlays).ToList();
        Assert.That(
            Versions(Builder.Build(Intended, overlays).Snapshot),
            Is.EqualTo(Versions(Builder.Build(Intended, reversed).Snapshot)));
    });

    [Test]
    public void Build_WithdrawnInAnyOrder_EndsAtTheSourcesOwnObjects() => Check(seeds =>
    {
        var overlays = seeds.Select(Drawn).ToList();
        var layers = overlays.OfType<Overlay.RuntimeBreakers>().Select(static o => o.Layer)
            .Distinct(StringComparer.Ordinal).ToList();
        foreach (var seed in seeds)
        {
            overlays.RemoveAt(seed % overlays.Count);
            var build = Builder.Build(Intended, overlays, layers);
            CheckUntouched(build);
        }

        Assert.That(Builder.Build(Intended, overlays).Snapshot, Is.SameAs(Intended));
    });

    [Test]
    public void Build_Twice_ChangesNothingMore() => Check(seeds =>
    {
        var overlays = seeds.Select(Drawn).ToList();
        var once = Builder.Build(Intended, overlays);
        var kept = once.Laid.ToList();
        Assert.That(Versions(Builder.Build(Intended, kept).Snapshot), Is.EqualTo(Versions(once.Snapshot)));
        foreach (var overlay in kept)
        {
            var one = Builder.Build(Intended, [overlay]).Snapshot;
            Assert.That(Versions(Builder.Build(one, [overlay]).Snapshot), Is.EqualTo(Versions(one)), $"{overlay}");
        }
    });

    [Test]
    public void Build_ResourcesThatNothingSelects_AreTheSourcesOwnObjects() =>
        Check(seeds => CheckUntouched(Builder.Build(Intended, [.. seeds.Select(Drawn)])));

    /// <summary>What the whole snapshot's check says, the check of what changed says too.</summary>
    [Test]
    public void ValidateChange_AnyChange_SaysWhatTheWholeCheckSays() => Check(seeds =>
    {
        var validator = new SnapshotValidator();
        var changed = seeds.Select(DrawnResource)
            .DistinctBy(static resource => (resource.TypeUrl, resource.Name)).ToList();
        var whole = validator.Validate(Intended.AsSnapshot().Replace(changed));
        var part = validator.ValidateChange(Intended, changed);
        Assert.That(part.Errors, Is.EqualTo(whole.Errors));
        Assert.That(part.Snapshot is null, Is.EqualTo(whole.Snapshot is null));
    });

    [Test]
    public void Build_RetryOverlays_NeverRaise() => Check(seeds =>
    {
        var overlays = seeds.Select(static (seed, index) => DrawnRetry($"o{index:d3}", seed)).ToList();
        var before = PolicyOf(Intended);
        var after = PolicyOf(Builder.Build(Intended, overlays).Snapshot);
        Assert.That(after.NumRetries ?? uint.MaxValue, Is.LessThanOrEqualTo(before.NumRetries ?? 0));
        Assert.That(after.RetryOn.Split(','), Is.SubsetOf(before.RetryOn.Split(',').Append("")));
        Assert.That(after.PerTryTimeout.ToTimeSpan(), Is.LessThanOrEqualTo(before.PerTryTimeout.ToTimeSpan()));
        Assert.That(after.PerTryTimeout.ToTimeSpan(), Is.GreaterThan(TimeSpan.Zero));
    });

    private static void Check(Action<int[]> property)
    {
        var seeds = Arb.From(
            Gen.Choose(0, 99_999).ArrayOf(),
            values => values.Select((_, index) => values.Where((_, place) => place != index).ToArray()));
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(60).WithEndSize(12), Prop.ForAll(seeds, property));
    }

    private static Overlay Drawn(int seed, int index)
    {
        var id = $"o{seed % 7}-{index:d3}"; // Ordered otherwise than laid.
        var cluster = Clusters[seed / 10 % 4 % 3];
        var amount = (uint)(seed / 100 % 50);
        var endpoint = seed % 3 == 0 ? "127.0.0.1:8001" : "127.0.0.1:8009";
        return (seed % 9) switch
        {
            0 => Weights(id, "split", "shop", "#0", (cluster, amount % 3 * amount)),
            1 => Weights(id, "split", "shop", "#0", ("a", 0), ("b", amount % 2), ("c", 0)),
            2 => EndpointWeights(id, cluster, ("127.0.0.1:8001", amount)),
            3 => EndpointHealth(id, cluster, (endpoint, (EndpointHealthStatus)(amount % 7))),
            4 => LocalityWeights(id, cluster, new LocalityWeight(new(), amount)),
            5 => Runtime(
                id, amount % 2 == 0 ? "known" : "new", cluster, new BreakerSettings { MaxRequests = amount }),
            6 => Breakers(
                id, cluster, new BreakerSettings { MaxRetries = amount }, (BreakerPriority)(amount % 3)),
            7 => Outliers(
                id, cluster, new OutlierSettings { MaxEjectionPercent = amount * 3, Consecutive5xx = amount }),
            _ => DrawnRetry(id, seed),
        };
    }

    private static Overlay DrawnRetry(string id, int seed) => Retry(id, "retried", "shop", "#0", new RetryLimits
    {
        Retries = seed % 2 == 0 ? (uint)(seed / 2 % 6) : null,
        Conditions = seed % 3 == 0 ? [.. Conditions.Where((_, place) => (seed >> (place + 3)) % 2 == 0)] : null,
        PerTryTimeout = seed % 5 == 0 ? TimeSpan.FromMilliseconds(seed % 3000) : null,
    });

    /// <summary>Good ones and bad ones: unknown clusters, missing endpoints, broken rules.</summary>
    private static XdsResource DrawnResource(int seed)
    {
        var name = Clusters[seed / 10 % 3];
        return (seed % 8) switch
        {
            0 => Cluster(name, 1 + (seed % 5)),
            1 => Cluster($"new{seed % 3}"),
            2 => Endpoints($"new{seed % 3}", 1 + (seed % 5)),
            3 => Route($"{name}-route", seed % 2 == 0 ? "gone" : "new1"),
            4 => Split("split", ("a", 0), ("b", (uint)(seed % 2))),
            5 => Listener($"{name}-listener", seed % 2 == 0 ? "nowhere" : $"{name}-route"),
            6 => XdsResource.FromBytes(TypeUrl.Cluster, name, [0xff]),
            _ => XdsResource.FromBytes("type.googleapis.com/private.Thing", $"t{seed % 3}", [1, 2, 3]),
        };
    }

    private static XdsResource Retried(string name) => XdsResource.FromMessage(new RouteConfiguration
    {
        Name = name,
        VirtualHosts =
        {
            new VirtualHost
            {
                Name = "shop",
                Domains = { "*" },
                Routes =
                {
                    new Route
                    {
                        Match = new RouteMatch { Prefix = "/" },
                        Route_ = new RouteAction
                        {
                            Cluster = "a",
                            RetryPolicy = new RetryPolicy
                            {
                                RetryOn = "5xx,reset,connect-failure",
                                NumRetries = 4,
                                PerTryTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(2)),
                            },
                        },
                    },
                },
            },
        },
    });

    private static RetryPolicy PolicyOf(ValidatedSnapshot snapshot) =>
        ((RouteConfiguration)snapshot.Get(TypeUrl.RouteConfiguration).Find("retried")!.Decode()!) // It is in every one.
            .VirtualHosts[0].Routes[0].Route_.RetryPolicy;

    private static IEnumerable<string> Versions(ValidatedSnapshot snapshot) =>
        snapshot.Sets.Select(static set => $"{set.Key} {set.Value.Version}");

    private static void CheckUntouched(SnapshotBuild build)
    {
        var touched = build.Laid.Select(static o => (OverlayTranslator.TypeOf(o.Carrier), o.Resource)).ToHashSet();
        foreach (var resource in Intended.Sets.Values.SelectMany(static set => set.Resources))
        {
            if (!touched.Contains((resource.TypeUrl, resource.Name)))
                Assert.That(build.Snapshot.Get(resource.TypeUrl).Find(resource.Name), Is.SameAs(resource));
        }
    }
}
