using SelfHeal.Sidecar.Accepted;
using SelfHeal.UnitTests.Xds;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.UnitTests.Sidecar.Accepted;

/// <summary>Whether a stream has all that is served, told from what a real session reports.</summary>
internal sealed class StreamProgressTests
{
    private static readonly ValidatedSnapshot Served = TestResources.Snapshot(TestResources.Service("a"));

    private readonly ClientContents _held = ClientContents.Empty(TypeUrl.Cluster);
    private StreamProgress _progress = null!; // Set before each test.

    [SetUp]
    public void Begin() => _progress = new StreamProgress();

    [Test]
    public void IsSettled_NothingAskedFor_IsFalse() => Assert.That(_progress.IsSettled(Served), Is.False);

    [Test]
    public void IsSettled_ResponseOnItsWay_OnlyOnceItIsAcknowledged()
    {
        Subscribe();
        _progress.Apply(new SessionEvent.Sent(TypeUrl.Cluster, "1", "n", [], []));
        var before = _progress.IsSettled(Served);
        _progress.Apply(new SessionEvent.Acknowledged(TypeUrl.Cluster, "1", "n", _held));

        Assert.That(before, Is.False);
        Assert.That(_progress.IsSettled(Served), Is.True);
    }

    [Test]
    public void IsSettled_AfterARejection_OnlyWhenTheClientHoldsWhatIsServed()
    {
        Subscribe();
        _progress.Apply(new SessionEvent.Sent(TypeUrl.Cluster, "1", "n", [], []));
        _progress.Apply(new SessionEvent.Rejected(TypeUrl.Cluster, "1", "n", 3, "no", []));
        var rejected = _progress.IsSettled(Served);
        _progress.Apply(new SessionEvent.Sent(TypeUrl.Cluster, "0", "m", [], []));
        _progress.Apply(new SessionEvent.Acknowledged(TypeUrl.Cluster, "0", "m", _held));
        var fellBack = _progress.IsSettled(Served);

        Assert.That(rejected, Is.False);
        Assert.That(fellBack, Is.False, "it holds what was before");
        Assert.That(_progress.IsSettled(ValidatedSnapshot.Empty), Is.True, "what it holds is all that is served now");
    }

    private void Subscribe() =>
        _progress.Apply(new SessionEvent.Subscribed("node", TypeUrl.Cluster, [], [], Wildcard: true));
}
