using SelfHeal.Core.Topology;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.UnitTests.Xds;

/// <summary>The samples must work as they stand.</summary>
public sealed class SampleResourcesTests
{
    [Test]
    public void Samples_Resources_AreValidAndSplitOneService()
    {
        var folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Samples", "envoy-configs", "resources");
        var files = Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
            .Select(path => new ResourceFile(Path.GetFileName(path), File.ReadAllText(path)));
        var parsed = ResourceFileParser.Parse(files);
        Assert.That(parsed.Errors, Is.Empty);
        var snapshot = TestResources.Snapshot([.. parsed.Resources]);
        Assert.That(snapshot.Sets.Keys, Is.EqualTo(TypeUrl.SendOrder.Where(type => type is
            TypeUrl.Cluster or TypeUrl.ClusterLoadAssignment or TypeUrl.Listener or TypeUrl.RouteConfiguration)));
        var split = TopologyReader.Read(snapshot).Splits.Single();
        Assert.That(
            (split.Service, split.RouteConfiguration, split.Route),
            Is.EqualTo(("payments", "payments-routes", "payments")));
        Assert.That(split.Versions, Is.EqualTo(new[]
        {
            new VersionShare("v1", "payments-v1", 90), new VersionShare("v2", "payments-v2", 10),
        }));
    }
}
