using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Resources;
using static SelfHeal.UnitTests.Xds.Overlays.TestOverlays;
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

    /// <summary>It comes again when the client asks again, and nothing of the upstream's own is in it.</summary>
    [Test]
    public void OnRequest_RejectsOnlyWhatOverlaysMade_TheyAreTakenBackThoughAcceptedBefore()
    {
        var pristine = Split("r", ("a", 90), ("b", 10));
        _relay.Lay(OverlaysInForce.None with { Overlays = [Weights("o", "r", "shop", "#0", ("a", 1))] });
        _relay.Start(Rds, ["r"], pristine);
        _relay.Ask(Rds, "r");

        _relay.Nack(_relay.Expect(Rds), "weights are bad");

        Assert.That(_relay.Rejection()?.Overlays, Is.EqualTo(new[] { "o" }));
        var answer = _relay.ExpectAndAck(Rds);
        Assert.That(answer.Resources[0].Any.ToByteArray(), Is.EqualTo(pristine.AnyBytes.ToArray()));
        Assert.That(_relay.Requests(), Is.Empty);
    }

    /// <summary>A cluster that is gone is kept for the routes that use it, as it was intended last.</summary>
    [Test]
    public void OnRequest_RejectsAnOverlaidClusterThatIsOnItsWayOut_TheUpstreamHearsNothing()
    {
        _relay.Start(TypeUrl.Cluster, [], Cluster("a"), Cluster("b"));
        _relay.Start(Rds, ["r"], Route("r", "b"));
        _relay.Give(Rds, Route("r", "b", 2));
        var unanswered = _relay.Expect(Rds); // As long as it is not answered, the routes have not let go.
        _relay.Requests();
        _relay.Lay(OverlaysInForce.None with
        {
            Overlays = [Outliers("o", "b", new OutlierSettings { Consecutive5xx = 2 })],
        });
        var clusters = _relay.Expect(TypeUrl.Cluster);
        _relay.Give(TypeUrl.Cluster, [], "b");

        _relay.Nack(clusters, "cluster b is bad");
        var kept = _relay.ExpectAndAck(TypeUrl.Cluster);
        Assert.That(kept.Resources[0].Any.ToByteArray(), Is.EqualTo(Cluster("b").AnyBytes.ToArray()), "as it has it");
        _relay.ExpectNothing();
        _relay.Ack(unanswered);

        var removal = _relay.ExpectAndAck(TypeUrl.Cluster);
        Assert.That(removal.Removed, Is.EqualTo(new[] { "b" }));
        Assert.That(_relay.Requests().Select(static each => each.Error), Is.All.Null);
        Assert.That(_relay.Rejection()?.Overlays, Is.EqualTo(new[] { "o" }));
    }
}
