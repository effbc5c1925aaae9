using SelfHeal.Core.Remediation;
using SelfHeal.Sidecar.Overlays;
using SelfHeal.UnitTests.Time;
using SelfHeal.Xds.Overlays;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.Overlays.TestOverlays;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Sidecar.Overlays;

/// <summary>Overlays on configuration that is not ours: its source is asked for nothing and always wins.</summary>
internal sealed class RelayedOverlayBookTests
{
    private const int FitsNoMore = 2803;

    private static readonly ValidatedSnapshot Given = Of(Split("r", ("a", 90), ("b", 10)));
    private static readonly ValidatedSnapshot Changed = Of(Split("r", ("a", 50), ("b", 50)));

    private SimulatedTimeProvider _time = null!; // Set before each test.
    private LogRecorder _logs = null!; // As above.

    [SetUp]
    public void Create()
    {
        _time = new SimulatedTimeProvider();
        _logs = new LogRecorder();
    }

    /// <summary>Envoys come back one by one, and each gets its clusters before its routes.</summary>
    [Test]
    public void LayOn_NoProxyHasTheResource_Waits()
    {
        var book = Book(Loop("o1"));
        book.LayOn([]);
        book.LayOn([Snapshot(Cluster("a"), Endpoints("a"))]);

        Assert.That(book.Find("o1")?.State, Is.EqualTo(OverlayState.Waiting));
        Assert.That(_logs.Count(FitsNoMore), Is.Zero);
        Assert.That(book.InForce([]).Overlays.Single().Id, Is.EqualTo("o1"), "the first that has it gets it at once");

        book.LayOn([Snapshot(Cluster("a"), Endpoints("a")), Given]);

        Assert.That(book.Find("o1")?.State, Is.EqualTo(OverlayState.Laid));
    }

    [Test]
    public void LayOn_FirstTime_RemembersWhatTheSourceSays()
    {
        var book = Book(Loop("o1"));
        Assert.That(book.InForce([]).Bases, Is.Empty);

        book.LayOn([Given]);
        book.LayOn([Given]);

        Assert.That(book.InForce([]).Bases["o1"], Is.EqualTo("a=90, b=10"));
    }

    [Test]
    public void LayOn_SourceSaysWhatItSaidBeforeTheRestart_IsLaid()
    {
        var book = new OverlayBook(
            [Loop("o1")], Builder, _time, _logs.Create<OverlayBook>(), OverlayBasis.None.Add("o1", "a=90, b=10"));

        Assert.That(book.LayOn([Given]).Single().Laid, Has.Length.EqualTo(1));
        Assert.That(book.HasStoodDown("o1"), Is.False);
    }

    /// <summary>The source was changed while nobody looked.</summary>
    [Test]
    public void LayOn_SourceSaysSomethingElseThanBeforeTheRestart_IsNeverLaid()
    {
        var book = new OverlayBook(
            [Loop("o1")], Builder, _time, _logs.Create<OverlayBook>(), OverlayBasis.None.Add("o1", "a=90, b=10"));

        Assert.That(book.LayOn([Changed]).Single().Snapshot, Is.SameAs(Changed));

        Assert.That(book.Find("o1")?.State, Is.EqualTo(OverlayState.Refused));
        Assert.That(book.HasStoodDown("o1"));
    }

    [Test]
    public void LayOn_SourceChangesWhatAnOverlayOfTheApiSets_StandsDownAndDoesNotComeBack()
    {
        var book = Book();
        book.LayOn([Given]);
        Assert.That(book.TryPut(Timed(Weights("o1", "r", "shop", "#0", ("a", 1)))), Is.Empty);
        book.LayOn([Given]);
        var version = book.Version;

        Assert.That(book.LayOn([Changed]).Single().Snapshot, Is.SameAs(Changed));
        Assert.That(book.Version, Is.GreaterThan(version), "streams must hear of it");
        Assert.That(book.InForce([]).Overlays, Is.Empty);
        Assert.That(book.Find("o1")?.Problem, Does.Contain("the source wins"));
        var back = book.LayOn([Given]);

        Assert.That(back.Single().Snapshot, Is.SameAs(Given), "nobody has decided that it should come back");
        Assert.That(book.HasStoodDown("o1"));
        Assert.That(book.Find("o1")?.State, Is.EqualTo(OverlayState.Refused));
        Assert.That(_logs.Count(FitsNoMore), Is.EqualTo(1), "told once");
        Assert.That(book.TryPut(Timed(Weights("o1", "r", "shop", "#0", ("a", 1)))), Is.Empty, "somebody decides");
        Assert.That(book.LayOn([Given]).Single().Laid, Has.Length.EqualTo(1));
        Assert.That(book.HasStoodDown("o1"), Is.False);
    }

    /// <summary>It is the loop's to take back, with a record; until then it lies nowhere.</summary>
    [Test]
    public void LayOn_SourceChangesWhatTheControlLoopSets_StandsDownUntilTheLoopTakesItBack()
    {
        var book = Book(Loop("o1"));
        book.LayOn([Given]);

        book.LayOn([Changed]);
        Assert.That(book.HasStoodDown("o1"));
        Assert.That(book.Find("o1")?.State, Is.EqualTo(OverlayState.Refused));
        var back = book.LayOn([Given]);

        Assert.That(back.Single().Snapshot, Is.SameAs(Given), "nobody has decided that it should come back");
        Assert.That(book.InForce([]).Overlays, Is.Empty);
        Assert.That(book.TryRemove("o1", LoopOverlay.Owner, "the source has changed"), Is.Empty);
        Assert.That(book.HasStoodDown("o1"), Is.False);
    }

    /// <summary>Proxies get a change one after the other: as long as it lies anywhere it has not stood down.</summary>
    [Test]
    public void LayOn_SourceHasChangedForSomeProxiesOnly_LiesOnTheOthers()
    {
        var book = Book(Loop("o1"));
        book.LayOn([Given]);

        var builds = book.LayOn([Given, Changed]);

        Assert.That(builds[0].Laid, Has.Length.EqualTo(1));
        Assert.That(builds[1].Snapshot, Is.SameAs(Changed));
        Assert.That(book.HasStoodDown("o1"), Is.False);
        Assert.That(book.Find("o1")?.State, Is.EqualTo(OverlayState.Laid));
    }

    [Test]
    public void LayOn_SourceChangesElsewhere_Stays()
    {
        var book = Book(Loop("o1"));
        book.LayOn([Given]);

        var builds = book.LayOn([Of(Split("r", ("a", 90), ("b", 10)), Cluster("a", 2))]);

        Assert.That(builds.Single().Laid, Has.Length.EqualTo(1));
        Assert.That(book.HasStoodDown("o1"), Is.False);
    }

    [Test]
    public void LayOn_OverlayIsWithdrawnAndLaidAnew_HasABasisOfItsOwn()
    {
        var book = Book();
        book.LayOn([Given]);
        Assert.That(book.TryPut(Timed(Weights("o1", "r", "shop", "#0", ("a", 1)))), Is.Empty);
        book.LayOn([Given]);
        Assert.That(book.TryRemove("o1", Owner, "it is over"), Is.Empty);
        book.LayOn([Changed]);

        Assert.That(book.TryPut(Timed(Weights("o1", "r", "shop", "#0", ("a", 1)))), Is.Empty);
        book.LayOn([Changed]);

        Assert.That(book.InForce([]).Bases["o1"], Is.EqualTo("a=50, b=50"));
        Assert.That(book.Find("o1")?.State, Is.EqualTo(OverlayState.Laid));
    }

    [Test]
    public void InForce_LayersOfOursAndThoseThatOverlaysMade_AreEachThereOnce()
    {
        var book = Book();
        book.LayOn([Given]);
        foreach (var layer in new[] { "ours", "made" })
        {
            Assert.That(
                book.TryPut(Timed(Runtime(layer, layer, "a", new BreakerSettings { MaxRequests = 1 }))), Is.Empty);
            book.LayOn([Given]);
        }

        Assert.That(book.InForce(["ours"]).Layers, Is.EqualTo(new[] { "ours", "made" }));
    }

    /// <summary>Our own configuration is as before: what fits again is laid again.</summary>
    [Test]
    public void LayOn_ConfigurationOfOurs_KnowsNoBasis()
    {
        var book = new OverlayBook([Loop("o1")], Builder, _time, _logs.Create<OverlayBook>());
        book.LayOn([Given]);

        Assert.That(book.LayOn([Changed]).Single().Laid, Has.Length.EqualTo(1));
        Assert.That(book.InForce([]).Bases, Is.Empty);
    }

    private static SnapshotBuilder Builder { get; } = new(new SnapshotValidator());

    private static ValidatedSnapshot Of(params XdsResource[] resources)
    {
        XdsResource[] others = [Cluster("a"), Endpoints("a"), Cluster("b"), Endpoints("b")];
        return Snapshot(
        [
            .. others.Where(each => !resources.Any(r => (r.TypeUrl, r.Name) == (each.TypeUrl, each.Name))),
            .. resources,
        ]);
    }

    private static WeightOverlay Loop(string id) =>
        new(id, "incident", "r", "shop", "#0", [new ClusterWeight("a", 1)]);

    private Overlay Timed(Overlay overlay) =>
        overlay with { ExpiresAt = _time.GetUtcNow() + TimeSpan.FromHours(1) };

    private OverlayBook Book(params WeightOverlay[] inForce) => new(
        inForce, Builder, _time, _logs.Create<OverlayBook>(), OverlayBasis.None);
}
