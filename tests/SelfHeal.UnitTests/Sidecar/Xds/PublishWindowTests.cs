using SelfHeal.Sidecar.Xds;
using SelfHeal.UnitTests.Time;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Sidecar.Xds;

/// <summary>When a change goes out, and which are put together (behaviour 93).</summary>
internal sealed class PublishWindowTests
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WindowMax = TimeSpan.FromMilliseconds(500);

    private readonly SimulatedTimeProvider _time = new();
    private readonly List<ValidatedSnapshot> _served = [];
    private PublishWindow _window = null!; // Set before each test.

    [SetUp]
    public void Create()
    {
        _served.Clear();
        _window = new PublishWindow(_time, _served.Add);
    }

    [TearDown]
    public void Dispose() => _window.Dispose();

    [Test]
    public void Post_AfterQuietTime_ServesAtOnce()
    {
        var (first, second) = (Next(), Next());

        _window.Post(first);
        _time.Advance(Window);
        _window.Post(second);

        Assert.That(_served, Is.EqualTo(new[] { first, second }));
    }

    [Test]
    public void Post_WithinTheWindow_ServesTheNewestAtItsEnd()
    {
        var snapshots = Enumerable.Range(0, 4).Select(_ => Next()).ToArray();

        foreach (var snapshot in snapshots)
        {
            _window.Post(snapshot);
            _time.Advance(TimeSpan.FromMilliseconds(20));
        }

        Assert.That(_served, Is.EqualTo(new[] { snapshots[0] }), "before the end");
        _time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.That(_served, Is.EqualTo(new[] { snapshots[0], snapshots[3] }));
    }

    [Test]
    public void Post_ChangesThatKeepComing_AreServedTwiceASecondAtMost()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _window.Post(Next());
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        // In ten seconds: one at once, one after 100, 200 and 400 ms each, and then one every half second.
        Assert.That(_served, Has.Count.InRange(18, 23));
    }

    [Test]
    public void Post_QuietAfterManyChanges_ServesAtOnceAndWaitsShortlyAgain()
    {
        for (var i = 0; i < 200; i++)
        {
            _window.Post(Next());
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        _time.Advance(2 * WindowMax);
        var before = _served.Count;

        _window.Post(Next());
        Assert.That(_served, Has.Count.EqualTo(before + 1), "the first after quiet");
        _window.Post(Next());
        _time.Advance(Window);
        Assert.That(_served, Has.Count.EqualTo(before + 2), "the window is short again");
    }

    [Test]
    public void Dispose_ChangeThatWaits_IsNotServed()
    {
        _window.Post(Next());
        _window.Post(Next());

        _window.Dispose();
        _time.Advance(WindowMax);

        Assert.That(_served, Has.Count.EqualTo(1));
    }

    [Test]
    public void Post_UrgentWithinTheWindow_ServesAtOnceInPlaceOfWhatWaits()
    {
        _window.Post(Next());
        _window.Post(Next());
        var urgent = Next();

        _window.Post(urgent, isUrgent: true);
        _time.Advance(WindowMax);

        Assert.That(_served, Has.Count.EqualTo(2));
        Assert.That(_served[^1], Is.SameAs(urgent));
    }

    private static ValidatedSnapshot Next() => Snapshot(Cluster("c"), Endpoints("c"));
}
