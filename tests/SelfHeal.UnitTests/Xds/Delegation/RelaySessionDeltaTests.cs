using SelfHeal.Xds.Resources;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Delegation;

/// <summary>What only the incremental variant can say.</summary>
internal sealed class RelaySessionDeltaTests
{
    private const string Rds = TypeUrl.RouteConfiguration;

    private RelayHarness _relay = null!; // Set before each test.

    [SetUp]
    public void Create() => _relay = new RelayHarness(isDelta: true);

    [Test]
    public void TryTakeResponse_NameThatTheUpstreamDenies_IsToldInDelta()
    {
        _relay.Ask(Rds, "a", "b");

        _relay.Give(Rds, [Route("b", "b")], "a");

        var answer = _relay.ExpectAndAck(Rds);
        Assert.That(answer.Names, Is.EqualTo(new[] { "b" }));
        Assert.That(answer.Removed, Is.EqualTo(new[] { "a" }));
        _relay.ExpectNothing();
    }

    /// <summary>Its stream outlived the one before: what is gone since may be told late.</summary>
    [Test]
    public void TryTakeResponse_HeldNameThatIsDeniedLate_IsRemoved()
    {
        _relay.Resume(TypeUrl.Cluster, Cluster("a"), Cluster("b"));
        Assert.That(_relay.Request().Held, Is.EqualTo(new[] { "a=", "b=" }));
        _relay.Give(TypeUrl.Cluster, Cluster("a"));
        _relay.ExpectNothing();
        Assert.That(_relay.Request().IsAck, "it holds that already");

        _relay.Give(TypeUrl.Cluster, [], "b");

        var answer = _relay.ExpectAndAck(TypeUrl.Cluster);
        Assert.That((answer.Names, answer.Removed[0]), Is.EqualTo((Array.Empty<string>(), "b")));
    }
}
