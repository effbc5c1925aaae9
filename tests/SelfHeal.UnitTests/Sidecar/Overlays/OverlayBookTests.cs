using SelfHeal.Core.Remediation;
using SelfHeal.Sidecar.Overlays;
using SelfHeal.UnitTests.Time;
using SelfHeal.UnitTests.Xds;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.Overlays.TestOverlays;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Sidecar.Overlays;

internal sealed class OverlayBookTests
{
    private const int Withdrawn = 2802;
    private const int FitsNoMore = 2803;

    private static readonly ValidatedSnapshot Intended = Snapshot(
        Cluster("a"), Endpoints("a"), Cluster("b"), Endpoints("b"), Split("r", ("a", 90), ("b", 10)));

    private SimulatedTimeProvider _time = null!; // Set before each test.
    private LogRecorder _logs = null!; // As above.
    private OverlayBook _book = null!; // As above.

    [SetUp]
    public void Create()
    {
        _time = new SimulatedTimeProvider();
        _logs = new LogRecorder();
        _book = Book();
    }

    [Test]
    public void TryPut_BeforeAnythingIsServed_WaitsAndIsInWhatIsServedFirst()
    {
        Assert.That(_book.TryPut(Timed(Weights("o1", "r", "shop", "#0", ("a", 1)))), Is.Empty);
        Assert.That(_book.Entries.Single().State, Is.EqualTo(OverlayState.Waiting));

        var build = _book.LayOn([Intended]).Single();

        Assert.That(_book.Entries.Single().State, Is.EqualTo(OverlayState.Laid));
        Assert.That(build.Laid.Single().Id, Is.EqualTo("o1"));
    }

    [Test]
    public void TryPut_WithoutWhoWhyAndUntilWhen_IsRefusedWithAllOfIt()
    {
        var problem = _book.TryPut(new Overlay.EndpointWeights("", [])
        {
            Id = "a\nb",
            Owner = " ",
            Reason = "",
            IncidentId = new string('x', 129),
        });

        foreach (var part in new[] { "id has 3", "owner has 1", "reason has 0", "incident has 129", "no resource" })
            Assert.That(problem, Does.Contain(part));
        Assert.That(problem, Does.Contain("expiry is missing, expected a time after 2026-04-12"));
        Assert.That(_book.Entries, Is.Empty);
    }

    [TestCase(0, false)]
    [TestCase(1, true)]
    [TestCase(7 * 24 * 3600, true)]
    [TestCase((7 * 24 * 3600) + 1, false)]
    public void TryPut_Expiry_IsInTheFutureAndWithinAWeek(int seconds, bool isTaken)
    {
        var overlay = Weights("o1", "r", "shop", "#0", ("a", 1)) with
        {
            ExpiresAt = _time.GetUtcNow() + TimeSpan.FromSeconds(seconds),
        };
        Assert.That(_book.TryPut(overlay).Length == 0, Is.EqualTo(isTaken));
    }

    [Test]
    public void TryPut_InTheNameOfTheControlLoop_IsRefused()
    {
        var overlay = Timed(Weights("o1", "r", "shop", "#0", ("a", 1))) with { Owner = LoopOverlay.Owner };
        Assert.That(_book.TryPut(overlay), Does.Contain("is the control loop's; expected another"));
    }

    [Test]
    public void TryPut_IdOfAnother_IsRefusedAndOnesOwnIsReplaced()
    {
        _book.LayOn([Intended]);
        Assert.That(_book.TryPut(Timed(Weights("o1", "r", "shop", "#0", ("a", 1)))), Is.Empty);
        var other = Timed(Weights("o1", "r", "shop", "#0", ("a", 2))) with { Owner = "other" };
        Assert.That(_book.TryPut(other), Is.EqualTo("overlay 'o1' is of 'operator'; expected an id of your own"));

        Assert.That(_book.TryPut(Timed(Weights("o1", "r", "shop", "#0", ("a", 3)))), Is.Empty);

        Assert.That(Hash(_book.LayOn([Intended])), Is.EqualTo(Split("r", ("a", 3), ("b", 10)).ContentHash));
    }

    [Test]
    public void TryPut_WhatDoesNotFit_IsRefusedAndTheEarlierOneOfItsIdStays()
    {
        _book.LayOn([Intended]);
        Assert.That(_book.TryPut(Timed(Weights("o1", "r", "shop", "#0", ("a", 1)))), Is.Empty);
        var version = _book.Version;

        var problem = _book.TryPut(Timed(Weights("o1", "r", "shop", "#0", ("c", 1))));

        Assert.That(problem, Is.EqualTo(
            "envoy.config.route.v3.RouteConfiguration 'r': route '#0' has no cluster 'c'; expected one of 'a', 'b'"));
        Assert.That(_book.Version, Is.EqualTo(version));
        Assert.That(Hash(_book.LayOn([Intended])), Is.EqualTo(Split("r", ("a", 1), ("b", 10)).ContentHash));
    }

    [Test]
    public void TryPut_ThatWouldPushAnotherOut_IsRefused()
    {
        _book.LayOn([Intended]);
        Assert.That(_book.TryPut(Timed(Weights("o2", "r", "shop", "#0", ("a", 0)))), Is.Empty);
        _book.LayOn([Intended]);

        var problem = _book.TryPut(Timed(Weights("o1", "r", "shop", "#0", ("b", 0))));

        Assert.That(problem, Does.Contain("overlay 'o2' of 'operator' would have to go").And.Contain("would be 0"));
        Assert.That(_book.Entries.Single().Overlay.Id, Is.EqualTo("o2"));
    }

    [Test]
    public void TryPut_BeyondTheLimit_IsRefused()
    {
        for (var i = 0; i < OverlayBook.Limit; i++)
            Assert.That(_book.TryPut(Timed(Weights($"o{i}", "r", "shop", "#0", ("a", 1)))), Is.Empty);
        Assert.That(
            _book.TryPut(Timed(Weights("more", "r", "shop", "#0", ("a", 1)))),
            Is.EqualTo("there are 1024 overlays, the most there may be; expected some to be withdrawn first"));
        Assert.That(_book.TryPut(Timed(Weights("o0", "r", "shop", "#0", ("a", 2)))), Is.Empty, "a replacement fits");
    }

    [Test]
    public void TryRemove_OfAnother_IsRefused()
    {
        Assert.That(_book.TryPut(Timed(Weights("o1", "r", "shop", "#0", ("a", 1)))), Is.Empty);
        Assert.That(_book.TryRemove("o1", "other", "why"), Does.Contain("is of 'operator', which alone"));
        Assert.That(_book.TryRemove("o2", Owner, "why"), Does.Contain("there is no overlay 'o2'"));

        Assert.That(_book.TryRemove("o1", Owner, "it is over"), Is.Empty);

        Assert.That(_book.Entries, Is.Empty);
        Assert.That(_logs.Texts(Withdrawn).Single(), Does.Contain("o1").And.Contain("operator").And.Contain("is over"));
    }

    [Test]
    public void Expire_ByTheMonotonicClock_WhateverTheWallClockDoes()
    {
        var overlay = Weights("o1", "r", "shop", "#0", ("a", 1)) with
        {
            ExpiresAt = _time.GetUtcNow() + TimeSpan.FromSeconds(10),
        };
        Assert.That(_book.TryPut(overlay), Is.Empty);
        _time.JumpWall(TimeSpan.FromDays(-1));
        _time.Advance(TimeSpan.FromSeconds(9.9));
        _book.Expire();
        Assert.That(_book.Entries, Has.Count.EqualTo(1));

        _time.Advance(TimeSpan.FromSeconds(0.1));
        _book.Expire();

        Assert.That(_book.Entries, Is.Empty);
    }

    [Test]
    public void Expire_ChangesOfTheControlLoop_StayUntilItsLedgerSaysOtherwise()
    {
        _book = Book(ShellHarness.Overlay("o1", 1, 2));
        _time.Advance(TimeSpan.FromDays(365));
        _book.Expire();
        Assert.That(_book.Entries.Single().Overlay.Owner, Is.EqualTo(LoopOverlay.Owner));
    }

    [Test]
    public void LayOn_SourceThatChanges_RefusesWhatFitsNoMoreAndLaysItAgain()
    {
        _book.LayOn([Intended]);
        Assert.That(_book.TryPut(Timed(EndpointWeights("o1", "a", ("127.0.0.1:8001", 3)))), Is.Empty);
        _book.LayOn([Intended]);
        var moved = Snapshot(
            Cluster("a"), Endpoints("a", 2), Cluster("b"), Endpoints("b"), Split("r", ("a", 90), ("b", 10)));

        for (var look = 0; look < 3; look++)
            Assert.That(_book.LayOn([moved]).Single().Snapshot, Is.SameAs(moved));
        var refused = _book.Entries.Single();
        _book.LayOn([Intended]);

        Assert.That(refused.State, Is.EqualTo(OverlayState.Refused));
        Assert.That(
            refused.Problem, Is.EqualTo("there is no endpoint '127.0.0.1:8001'; expected '127.0.0.1:8002'"));
        Assert.That(_logs.Count(FitsNoMore), Is.EqualTo(1), "told once, not at every look");
        Assert.That(_book.Entries.Single().State, Is.EqualTo(OverlayState.Laid));
    }

    [Test]
    public void TryReject_SeveralOnTheResource_TakesTheLatestAndThenTheNext()
    {
        _book = Book(new WeightOverlay("loop", "incident", "r", "shop", "#0", [new ClusterWeight("a", 90)]));
        _book.LayOn([Intended]);
        foreach (var (id, weight) in new[] { ("o2", 2u), ("o1", 1u) })
        {
            Assert.That(_book.TryPut(Timed(Weights(id, "r", "shop", "#0", ("b", weight)))), Is.Empty);
            _book.LayOn([Intended]);
        }

        Assert.That(_book.TryReject(TypeUrl.Cluster, "r", "edge-1", "no"), Is.False, "another type");
        Assert.That(_book.TryReject(TypeUrl.RouteConfiguration, "r", "edge-1", "bad route"), Is.True);
        Assert.That(Hash(_book.LayOn([Intended])), Is.EqualTo(Split("r", ("a", 90), ("b", 2)).ContentHash));
        Assert.That(
            (_book.Find("o1")?.State, _book.Find("o1")?.Problem),
            Is.EqualTo(((OverlayState?)OverlayState.Refused, "edge-1 rejected it: bad route")));
        Assert.That(_book.TryReject(TypeUrl.RouteConfiguration, "r", "edge-1", "bad route"), Is.True);
        Assert.That(_book.LayOn([Intended]).Single().Snapshot, Is.SameAs(Intended));
        Assert.That(
            _book.TryReject(TypeUrl.RouteConfiguration, "r", "edge-1", "bad route"),
            Is.False,
            "only the control loop's is left");
        Assert.That(_book.Find("loop")?.State, Is.EqualTo(OverlayState.Laid));

        Assert.That(_book.TryPut(Timed(Weights("o1", "r", "shop", "#0", ("b", 7)))), Is.Empty, "laid anew");
        Assert.That(Hash(_book.LayOn([Intended])), Is.EqualTo(Split("r", ("a", 90), ("b", 7)).ContentHash));
    }

    [Test]
    public void LayOn_SeveralGroups_IsLaidIfItLiesOnAnyOfThem()
    {
        var other = Snapshot(Cluster("c"), Endpoints("c"));
        _book.LayOn([Intended, other]);
        Assert.That(_book.TryPut(Timed(EndpointWeights("o1", "c", ("127.0.0.1:8001", 3)))), Is.Empty);
        Assert.That(_book.TryPut(Timed(EndpointWeights("o2", "d", ("127.0.0.1:8001", 3)))), Is.Not.Empty);

        var builds = _book.LayOn([Intended, other]);

        Assert.That(builds[0].Snapshot, Is.SameAs(Intended));
        Assert.That(builds[1].Laid, Has.Length.EqualTo(1));
        Assert.That(_book.Entries.Single().State, Is.EqualTo(OverlayState.Laid));
    }

    [Test]
    public void TryRemove_LayerThatItMade_IsServedEmptyFromThenOn()
    {
        _book.LayOn([Intended]);
        Assert.That(
            _book.TryPut(Timed(Runtime("o1", "layer", "a", new BreakerSettings { MaxRequests = 1 }))), Is.Empty);
        var laid = Layer();
        Assert.That(_book.TryRemove("o1", Owner, "why"), Is.Empty);

        Assert.That(Layer(), Is.EqualTo(new Envoy.Service.Runtime.V3.Runtime { Name = "layer" }));
        Assert.That(laid?.Layer.Fields, Has.Count.EqualTo(1));

        Envoy.Service.Runtime.V3.Runtime? Layer() => _book.LayOn([Intended]).Single().Snapshot
            .Get(TypeUrl.Runtime).Find("layer")?.Decode() as Envoy.Service.Runtime.V3.Runtime;
    }

    private static string? Hash(IEnumerable<SnapshotBuild> builds) =>
        builds.Single().Snapshot.Get(TypeUrl.RouteConfiguration).Find("r")?.ContentHash;

    private Overlay Timed(Overlay overlay) =>
        overlay with { ExpiresAt = _time.GetUtcNow() + TimeSpan.FromHours(1) };

    private OverlayBook Book(params WeightOverlay[] inForce) => new(
        inForce, new SnapshotBuilder(new SnapshotValidator()), _time, _logs.Create<OverlayBook>());
}
