using SelfHeal.Core.Topology;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Resources.Descriptors;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.UnitTests.Xds;

/// <summary>The samples must work as they stand.</summary>
public sealed class SampleResourcesTests
{
    [Test]
    public void Samples_PrivateExtension_IsCheckedAndEncodedByItsSet()
    {
        var folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Samples", "private-extension");
        var set = new DescriptorSetFile("throttle.binpb", File.ReadAllBytes(Path.Combine(folder, "throttle.binpb")));
        var types = DescriptorIndex.Read([set]).Index ?? throw new AssertionException("no types");
        var text = File.ReadAllText(Path.Combine(folder, "resources", "listeners.yaml"));
        var parsed = ResourceFileParser.Parse([new ResourceFile("listeners.yaml", text)], types);
        Assert.That(parsed.Errors, Is.Empty);
        Assert.That(parsed.Resources.Select(static r => r.Name), Is.EqualTo(new[] { "edge", "tariff" }));
        var validator = new SnapshotValidator(new SnapshotValidatorOptions { Types = types });
        Assert.That(validator.Validate(Snapshot.Create(parsed.Resources)).Errors, Is.Empty);

        var wrong = text.Replace("requests: 100", "requests: 0", StringComparison.Ordinal);
        parsed = ResourceFileParser.Parse([new ResourceFile("listeners.yaml", wrong)], types);
        var error = validator.Validate(Snapshot.Create(parsed.Resources)).Errors.Single();
        Assert.That(parsed.Locations.Locate(error)?.ToString(), Does.Match(
            @"^listeners\.yaml:\d+:13: .*\.typed_config\.requests: must be at least 1 .*\(rule uint32\.gte\)$"));
    }

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
