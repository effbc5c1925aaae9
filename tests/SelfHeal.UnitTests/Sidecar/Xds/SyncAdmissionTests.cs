using SelfHeal.Core.Time;
using SelfHeal.Sidecar.Xds;
using SelfHeal.UnitTests.Time;

namespace SelfHeal.UnitTests.Sidecar.Xds;

/// <summary>How many streams are sent their first responses at once, and who is next.</summary>
internal sealed class SyncAdmissionTests
{
    private const int Places = SyncAdmission.PlacesMax;

    private readonly SimulatedTimeProvider _time = new();
    private readonly List<long> _woken = [];
    private SyncAdmission _admission = null!; // Set before each test.

    [SetUp]
    public void Create()
    {
        _woken.Clear();
        _admission = new SyncAdmission(_time, new SeededRandomSource(7));
    }

    [TearDown]
    public void Dispose() => _admission.Dispose();

    [Test]
    public void TryEnter_AsManyAsThereArePlaces_LetsThemIn()
    {
        Assert.That(Enter(1, Places), Is.All.True);
        Assert.That(_admission.Waiting, Is.Zero);
    }

    [Test]
    public void TryEnter_Again_KeepsThePlaceAndTakesNoOther()
    {
        Enter(1, Places);

        Assert.That(TryEnter(1), Is.True);
        Assert.That(TryEnter(Places + 1), Is.False);
        Assert.That(TryEnter(Places + 1), Is.False);
        Assert.That(_admission.Waiting, Is.EqualTo(1));
    }

    [Test]
    public void Leave_OneOfAHerd_LetsOneInAndWakesIt()
    {
        Enter(1, 1_000);

        _admission.Leave(1);

        Assert.That(_woken, Has.Count.EqualTo(1));
        Assert.That(_admission.Waiting, Is.EqualTo(1_000 - Places - 1));
        Assert.That(TryEnter(_woken[0]), Is.True, "it has its place");
    }

    [Test]
    public void Leave_EachAfterItsSync_LetsAllOfAHerdInOnceInADrawnOrder()
    {
        Enter(1, 1_000);
        for (var i = 1L; i <= Places; i++)
            _admission.Leave(i);
        for (var i = 0; i < _woken.Count; i++)
            _admission.Leave(_woken[i]);

        Assert.That(_woken.Order(), Is.EqualTo(Enumerable.Range(Places + 1, 1_000 - Places)));
        Assert.That(_woken, Is.Not.Ordered);
        Assert.That(_admission.Waiting, Is.Zero);
    }

    [Test]
    public void Leave_OneThatWaits_IsNotLetIn()
    {
        Enter(1, Places + 2);

        _admission.Leave(Places + 1);
        _admission.Leave(1);
        _admission.Leave(2);

        Assert.That(_woken, Is.EqualTo(new[] { Places + 2L }));
    }

    [Test]
    public void OnTimer_NobodyInsideAnswers_OthersAreLetInWithinASecond()
    {
        Enter(1, Places + 10);

        _time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.That(_woken, Is.Empty, "they may take half a second");
        _time.Advance(TimeSpan.FromMilliseconds(502));

        Assert.That(_woken, Has.Count.EqualTo(10));
        Assert.That(_admission.Waiting, Is.Zero);
    }

    [Test]
    public void TryEnter_NobodyWaits_NoTimerRuns()
    {
        Enter(1, Places);

        Assert.That(_time.Waiting, Is.Zero);
    }

    private List<bool> Enter(long first, int count) =>
        [.. Enumerable.Range(0, count).Select(i => TryEnter(first + i))];

    private bool TryEnter(long stream) => _admission.TryEnter(stream, () => _woken.Add(stream));
}
