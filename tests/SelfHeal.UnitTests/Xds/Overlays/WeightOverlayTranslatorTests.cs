using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Overlays;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Overlays;

public sealed class WeightOverlayTranslatorTests
{
    private static readonly XdsResource Base = Split("r", ("a", 90), ("b", 10));

    [TestCase("unnamed-route", "#1")]
    [TestCase("named-route", "checkout")]
    public void Apply_Golden_PatchesTheWeightsOnly(string name, string route)
    {
        var folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", "Overlay");
        var text = File.ReadAllText(Path.Combine(folder, $"{name}.in.yaml"));
        var parsed = ResourceFileParser.Parse([new ResourceFile(name, text)]);
        Assert.That(parsed.Errors, Is.Empty);
        var overlay = Overlay("o1", "payments-routes", "payments", route, ("payments-v1", 100), ("payments-v2", 0));
        var result = WeightOverlayTranslator.Apply(parsed.Resources.Single(), [overlay]);
        Assert.That(result.Errors, Is.Empty);
        GoldenFile.Check($"Overlay/{name}.out.yaml", ResourceJson.Format(result.Resource) ?? string.Empty);
    }

    [Test]
    public void Apply_NothingSelects_IsTheSameInstance()
    {
        var other = Overlay("o", "other", "shop", "#0", ("a", 1));
        Assert.That(WeightOverlayTranslator.Apply(Base, [other]).Resource, Is.SameAs(Base));
        Assert.That(WeightOverlayTranslator.Apply(Base, []).Resource, Is.SameAs(Base));
        Assert.That(
            WeightOverlayTranslator.Apply(Base, [Overlay("o", "r", "shop", "#0", ("a", 90), ("b", 10))]).Resource,
            Is.SameAs(Base));
    }

    [Test]
    public void Apply_UnknownFields_Survive()
    {
        byte[] unknown = [0xfa, 0x7f, 0x03, 1, 2, 3];
        var resource = XdsResource.FromBytes(Base.TypeUrl, "r", [.. Base.ValueBytes.ToArray(), .. unknown]);
        var patched = WeightOverlayTranslator.Apply(resource, [Overlay("o", "r", "shop", "#0", ("a", 1))]).Resource;
        Assert.That(patched.ValueBytes.ToArray()[^unknown.Length..], Is.EqualTo(unknown));
    }

    [Test]
    public void Apply_Several_ComposeInTheOrderOfTheirIds()
    {
        var result = WeightOverlayTranslator.Apply(
            Base, [Overlay("o2", "r", "shop", "#0", ("a", 2)), Overlay("o1", "r", "shop", "#0", ("a", 1), ("b", 5))]);
        Assert.That(result.Resource.ContentHash, Is.EqualTo(Split("r", ("a", 2), ("b", 5)).ContentHash));
    }

    [TestCase("other", "#0", "a", 1u, "no virtual host 'other'")]
    [TestCase("shop", "#1", "a", 1u, "no route '#1'")]
    [TestCase("shop", "#0", "c", 1u, "no cluster 'c'")]
    [TestCase("shop", "#0", "a", uint.MaxValue, "outside of")]
    public void Apply_WrongOverlay_IsAnErrorAndLeftOut(
        string host, string route, string cluster, uint weight, string message)
    {
        var result = WeightOverlayTranslator.Apply(Base, [Overlay("o", "r", host, route, (cluster, weight))]);
        Assert.That(result.Errors.Single().Message, Does.Contain(message));
        Assert.That(result.Resource, Is.SameAs(Base));
    }

    [Test]
    public void Apply_AllWeightsZero_IsAnError()
    {
        var result = WeightOverlayTranslator.Apply(Base, [Overlay("o", "r", "shop", "#0", ("a", 0), ("b", 0))]);
        Assert.That(result.Errors.Single().Message, Does.Contain("would be 0"));
    }

    [Test]
    public void Build_OverlayAndItsWithdrawal_ReturnToTheSameVersion()
    {
        var intended = Snapshot(Cluster("a"), Endpoints("a"), Cluster("b"), Endpoints("b"), Base);
        var builder = new SnapshotBuilder(new SnapshotValidator());
        var patched = builder.Build(intended, [Overlay("o", "r", "shop", "#0", ("b", 0))]);
        Assert.That(patched.Errors, Is.Empty);
        Assert.That(
            patched.Snapshot?.Get(TypeUrl.RouteConfiguration).Version,
            Is.Not.EqualTo(intended.Get(TypeUrl.RouteConfiguration).Version));
        Assert.That(patched.Snapshot?.Get(TypeUrl.Cluster).Version, Is.EqualTo(intended.Get(TypeUrl.Cluster).Version));
        Assert.That(builder.Build(intended, []).Snapshot, Is.SameAs(intended));
    }

    [Test]
    public void Build_OverlayOfAnUnknownRoute_IsToldAndTheRestIsServed()
    {
        var intended = Snapshot(Cluster("a"), Endpoints("a"), Cluster("b"), Endpoints("b"), Base);
        var build = new SnapshotBuilder(new SnapshotValidator()).Build(
            intended, [Overlay("o1", "gone", "shop", "#0", ("a", 1)), Overlay("o2", "r", "shop", "#0", ("a", 1))]);
        Assert.That(build.OverlayErrors.Single().OverlayId, Is.EqualTo("o1"));
        Assert.That(
            build.Snapshot?.Get(TypeUrl.RouteConfiguration).Find("r")?.ContentHash,
            Is.EqualTo(Split("r", ("a", 1), ("b", 10)).ContentHash));
    }

    private static WeightOverlay Overlay(
        string id, string configuration, string host, string route, params (string Cluster, uint Weight)[] weights) =>
        new(
            id,
            "incident",
            configuration,
            host,
            route,
            [.. weights.Select(weight => new ClusterWeight(weight.Cluster, weight.Weight))]);
}
