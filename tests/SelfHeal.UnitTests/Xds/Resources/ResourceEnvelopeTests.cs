using SelfHeal.Xds.Resources;

namespace SelfHeal.UnitTests.Xds.Resources;

/// <summary>What a file says of a resource from outside.</summary>
public sealed class ResourceEnvelopeTests
{
    private const string Inner =
        "resource: { \"@type\": type.googleapis.com/envoy.config.cluster.v3.Cluster, name: a }";

    [Test]
    public void Parse_TtlAndAliases_AreThoseOfTheResource()
    {
        var result = Parse($"ttl: 0.5s\naliases: [second, first]\n{Inner}");
        Assert.That(result.Errors, Is.Empty);
        var resource = result.Resources.Single();
        Assert.Multiple(() =>
        {
            Assert.That(resource.Name, Is.EqualTo("a"));
            Assert.That(resource.Ttl, Is.EqualTo(TimeSpan.FromMilliseconds(500)));
            Assert.That(resource.Aliases, Is.EqualTo(new[] { "first", "second" }));
        });
    }

    [Test]
    public void Parse_Neither_MeansForEverAndNoOtherName()
    {
        var resource = Parse(Inner).Resources.Single();
        Assert.That(resource.Ttl, Is.Null);
        Assert.That(resource.Aliases, Is.Empty);
    }

    [TestCase("ttl: 10", "ttl", "such as 10s")]
    [TestCase("ttl: 0s", "ttl", "greater than 0")]
    [TestCase("ttl: -1s", "ttl", "greater than 0")]
    [TestCase("ttl: 1e3s", "ttl", "such as 10s")]
    [TestCase("ttl: 315576000001s", "ttl", "at most 315576000000")]
    [TestCase("aliases: b", "aliases", "a list of names")]
    [TestCase("aliases: [b, '']", "aliases[1]", "not empty")]
    public void Parse_BadValue_IsToldWithItsField(string line, string field, string message)
    {
        var error = Parse($"{line}\n{Inner}").Errors.Single();
        Assert.That(error.Field, Is.EqualTo(field));
        Assert.That(error.Message, Does.Contain(message));
    }

    private static ResourceParseResult Parse(string text) => ResourceFileParser.Parse(
        [new ResourceFile("f.yaml", $"\"@type\": type.googleapis.com/envoy.service.discovery.v3.Resource\n{text}")]);
}
