using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.TestResources;
using Sets = SelfHeal.Xds.Snapshots.Snapshot;

namespace SelfHeal.UnitTests.Xds.Accepted;

internal sealed class ContainmentTests
{
    private static readonly SnapshotValidator Validator = new();

    [Test]
    public void Contain_NothingRejected_IsTheTarget()
    {
        var target = Snapshot(Service("a"));

        var result = Contain(target, Snapshot(Service("a", 2)));

        Assert.That(Describe(result.Snapshot), Is.EqualTo(Describe(target)));
        Assert.That(result.Contained, Is.Empty);
    }

    [Test]
    public void Contain_RejectedCluster_IsReplacedByWhatWasAcceptedAndNothingElseChanges()
    {
        var target = Snapshot([.. Service("a", 2), .. Service("b", 2)]);
        var bad = target.Get(TypeUrl.Cluster).Find("a")!;

        var result = Contain(target, Snapshot([.. Service("a"), .. Service("b")]), bad);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                result.Snapshot.Get(TypeUrl.Cluster).Find("a")?.ContentHash, Is.EqualTo(Cluster("a").ContentHash));
            Assert.That(Difference(target, result.Snapshot), Is.EqualTo(new[] { "Cluster a" }));
            Assert.That(
                result.Contained.Single(),
                Is.EqualTo(new ContainedResource(
                    TypeUrl.Cluster, "a", ContainmentMeasure.Replaced, "a proxy rejected it")));
        }
    }

    [Test]
    public void Contain_RejectedNewCluster_TakesWhatRefersToItAlongAndNoMore()
    {
        // The route is new content for the sake of the new cluster; the old one was accepted.
        var accepted = Snapshot([.. Service("a"), .. Service("b")]);
        var target = Snapshot(
            [.. Service("b", 2), Cluster("a"), Endpoints("a"), Cluster("new"), Endpoints("new"),
                Listener("a-listener", "a-route", 2), Route("a-route", "new")]);

        var result = Contain(target, accepted, Cluster("new"));

        Assert.That(
            Difference(target, result.Snapshot), Is.EqualTo(new[] { "Cluster new", "RouteConfiguration a-route" }));
        Assert.That(
            result.Snapshot.Get(TypeUrl.RouteConfiguration).Find("a-route")!.ContentHash,
            Is.EqualTo(Route("a-route", "a").ContentHash));
    }

    [Test]
    public void Contain_AcceptedRouteNeedsAClusterThatIsGone_GetsItBack()
    {
        var accepted = Snapshot(Service("a"));
        var target = Snapshot(
            [Listener("a-listener", "a-route"), Route("a-route", "next"), Cluster("next"), Endpoints("next")]);

        var result = Contain(target, accepted, Route("a-route", "next"));

        Assert.That(
            Difference(target, result.Snapshot),
            Is.EqualTo(new[] { "Cluster a", "ClusterLoadAssignment a", "RouteConfiguration a-route" }));
        Assert.That(
            result.Contained.Select(static each => each.Measure),
            Is.EqualTo(new[]
            {
                ContainmentMeasure.Restored, ContainmentMeasure.Restored, ContainmentMeasure.Replaced,
            }));
    }

    [Test]
    public void Contain_NothingWasAccepted_LeavesOutTheChain()
    {
        var target = Snapshot([.. Service("a"), .. Service("b")]);

        var result = Contain(target, null, Endpoints("a"));

        Assert.That(Describe(result.Snapshot), Is.EqualTo(Describe(Snapshot(Service("b")))));
        Assert.That(result.Contained.Select(static each => each.Measure), Is.All.EqualTo(ContainmentMeasure.LeftOut));
        Assert.That(
            result.Contained.Select(static each => TypeUrl.FullName(each.TypeUrl).Split('.')[^1]),
            Is.EqualTo(new[] { "Cluster", "ClusterLoadAssignment", "Listener", "RouteConfiguration" }));
    }

    [Test]
    public void Contain_WouldLeaveOutWhatClientsHold_ServesAllThatWasAccepted()
    {
        // The new listener refers to nothing that may be served, and so does its old content: its cluster is bad too.
        var accepted = Snapshot([.. Service("a"), .. Service("b")]);
        var target = Snapshot([.. Service("b", 2), Listener("a-listener", "other"), Route("other", "new"),
            Cluster("new"), Endpoints("new"), Cluster("a", 3), Endpoints("a"), Route("a-route", "a", 3)]);

        var mended = Contain(target, accepted, Cluster("new"));
        var lost = Contain(target, accepted, Cluster("new"), Cluster("a"), Cluster("a", 3));
        var whole = Contain(
            target, accepted, Cluster("new"), Cluster("a", 3), Route("a-route", "a", 3), Cluster("b", 2));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(mended.IsWhole, Is.False);
            Assert.That(
                mended.Snapshot.Get(TypeUrl.Listener).Find("a-listener")?.ContentHash,
                Is.EqualTo(Listener("a-listener", "a-route").ContentHash));
            Assert.That(lost.IsWhole, Is.False, "what was accepted last holds a rejected content itself");
            Assert.That(lost.Snapshot.Get(TypeUrl.Listener).Find("a-listener"), Is.Null);
            Assert.That(whole.IsWhole, Is.False, "everything has an old content that fits");
        }
    }

    [Test]
    public void Contain_OldContentDoesNotFitTheNewOnes_ServesAllThatWasAccepted()
    {
        // The old assignment went with the name that the old cluster took it by, and comes back under a rejection.
        var accepted = Snapshot([.. Service("a"), .. Service("b")]);
        var target = Snapshot([.. Service("b", 2), Listener("a-listener", "a-route", 2), Route("a-route", "a", 2),
            Cluster("a", 2), Endpoints("a", 2)]);
        var loose = SnapshotOf([.. Service("b"), Cluster("a"), Endpoints("a"), Listener("a-listener", "elsewhere")]);

        var result = Containment.Contain(
            Sets.Create(All(target)),
            loose,
            new HashSet<ContentKey>
            {
                new(TypeUrl.RouteConfiguration, "a-route", Route("a-route", "a", 2).ContentHash),
            },
            Validator);

        Assert.That(result.IsWhole, Is.True);
        Assert.That(Describe(result.Snapshot), Is.EqualTo(Describe(loose)));
        var mended = Contain(target, accepted, Route("a-route", "a", 2));
        Assert.That(mended.IsWhole, Is.False, "the old route fits the new cluster");
    }

    [Test]
    public void Contain_AnySnapshotsAndRejections_IsValidMinimalAndIdempotent()
    {
        Prop.ForAll(Cases().ToArbitrary(), static sample =>
        {
            var (target, accepted, rejected) = sample;
            var result = Containment.Contain(target, accepted, rejected, Validator);
            var again = Containment.Contain(Sets.Create(All(result.Snapshot)), accepted, rejected, Validator);
            var isValid = Validator.Validate(Sets.Create(All(result.Snapshot))).Snapshot is not null;
            var isClean = !All(result.Snapshot).Any(
                r => rejected.Contains(new ContentKey(r.TypeUrl, r.Name, r.ContentHash)));
            var isSame = Describe(again.Snapshot).SequenceEqual(Describe(result.Snapshot), StringComparer.Ordinal);
            var told = result.Contained.Select(static c => (c.TypeUrl, c.Name)).ToHashSet();
            var isTold = result.IsWhole || Changed(target, result.Snapshot).SetEquals(told);
            return isValid && isClean && isSame && isTold && IsCaused(target, accepted, rejected, result);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    /// <summary>
    /// What is not as in the target was rejected, refers to something that is not, or is needed by it.
    /// </summary>
    private static bool IsCaused(
        Sets target, ValidatedSnapshot accepted, IReadOnlySet<ContentKey> rejected, ContainmentResult result)
    {
        if (result.IsWhole)
            return !All(accepted).Any(r => rejected.Contains(new ContentKey(r.TypeUrl, r.Name, r.ContentHash)));
        var changed = Changed(target, result.Snapshot);
        return changed.All(key =>
        {
            if (target.Get(key.TypeUrl).Find(key.Name) is not { } meant)
            {
                return All(result.Snapshot).Any(
                    r => References.Of(r).Contains(key) && changed.Contains((r.TypeUrl, r.Name)));
            }
            return rejected.Contains(new ContentKey(meant.TypeUrl, meant.Name, meant.ContentHash))
                || References.Of(meant).Any(to => changed.Contains(to) || target.Get(to.TypeUrl).Find(to.Name) is null);
        });
    }

    private static HashSet<(string TypeUrl, string Name)> Changed(Sets target, ValidatedSnapshot result) =>
        All(result).Concat(target.Sets.Values.SelectMany(static set => set.Resources))
            .Select(static r => (r.TypeUrl, r.Name))
            .Where(key => target.Get(key.TypeUrl).Find(key.Name)?.ContentHash
                != result.Get(key.TypeUrl).Find(key.Name)?.ContentHash)
            .ToHashSet();

    private static Gen<(Sets Target, ValidatedSnapshot Accepted, IReadOnlySet<ContentKey> Rejected)> Cases()
    {
        var names = Gen.Elements("a", "b", "c");
        var knobs = Gen.Elements(1, 2);
        var cluster = names.SelectMany(name => knobs.Select(knob => Cluster(name, knob)));
        var endpoints = names.SelectMany(name => knobs.Select(knob => Endpoints(name, knob)));
        var route = names.SelectMany(name => names.SelectMany(to => knobs.Select(knob => Route(name, to, knob))));
        var listener = names.SelectMany(name => names.SelectMany(to => knobs.Select(knob => Listener(name, to, knob))));
        var resources = Gen.ArrayOf(Gen.OneOf(cluster, endpoints, route, listener), 14)
            .Select(static all => all.DistinctBy(static r => (r.TypeUrl, r.Name)).ToArray());
        return resources.SelectMany(target => resources.SelectMany(old => Gen.ArrayOf(Gen.Choose(0, 30), 3).Select(
            places =>
            {
                // Whatever was accepted can be served.
                var accepted = Containment.Contain(
                    Sets.Create(old), null, ImmutableHashSet<ContentKey>.Empty, Validator);
                var all = target.Concat(All(accepted.Snapshot)).ToArray();
                IReadOnlySet<ContentKey> rejected = places.Where(place => place < all.Length)
                    .Select(place => new ContentKey(all[place].TypeUrl, all[place].Name, all[place].ContentHash))
                    .ToHashSet();
                return (Sets.Create(target), accepted.Snapshot, rejected);
            })));
    }

    private static ContainmentResult Contain(
        ValidatedSnapshot target, ValidatedSnapshot? accepted, params XdsResource[] rejected) => Containment.Contain(
            Sets.Create(All(target)),
            accepted,
            rejected.Select(static r => new ContentKey(r.TypeUrl, r.Name, r.ContentHash)).ToHashSet(),
            Validator);

    /// <summary>What could be served when routes were taken for granted.</summary>
    private static ValidatedSnapshot SnapshotOf(XdsResource[] resources) =>
        new SnapshotValidator(new SnapshotValidatorOptions { CheckReferences = false })
            .Validate(Sets.Create(resources)).Snapshot!; // It checks no references.

    private static IEnumerable<XdsResource> All(ValidatedSnapshot snapshot) =>
        snapshot.Sets.Values.SelectMany(static set => set.Resources);

    private static IEnumerable<string> Describe(ValidatedSnapshot snapshot) =>
        All(snapshot).Select(static r => r.ToString());

    private static IEnumerable<string> Difference(ValidatedSnapshot target, ValidatedSnapshot result) =>
        Changed(Sets.Create(All(target)), result)
            .OrderBy(static key => key.TypeUrl, TypeUrl.Comparer).ThenBy(static key => key.Name, StringComparer.Ordinal)
            .Select(static key => $"{TypeUrl.FullName(key.TypeUrl).Split('.')[^1]} {key.Name}");
}
