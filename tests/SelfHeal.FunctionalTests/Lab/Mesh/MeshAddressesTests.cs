using SelfHeal.Lab.Mesh;

namespace SelfHeal.FunctionalTests.Lab.Mesh;

[TestFixture]
public sealed class MeshAddressesTests
{
    [Test]
    public void Find_Complete_HasAllOfIt()
    {
        var found = Find(
            ("ISTIOD_XDS", "istiod.test:15010"), ("ISTIOD_METRICS", "istiod.test:15014"), ("KUBECTL", "k"));

        Assert.That(found.Problems, Is.Empty);
        Assert.That(found.Mesh, Is.EqualTo(new MeshAddresses("istiod.test", 15010, "istiod.test:15014", "k")));
    }

    [Test]
    public void Find_WithoutMetrics_IsEnough() =>
        Assert.That(Find(("ISTIOD_XDS", "127.0.0.1:1"), ("KUBECTL", "k")).Mesh?.Metrics, Is.Null);

    [Test]
    public void Find_Nothing_NamesEveryVariableThatIsNeeded()
    {
        var problems = Find().Problems;

        Assert.That(problems, Has.Count.EqualTo(2));
        Assert.That(problems, Has.Some.StartsWith("ISTIOD_XDS is not set").And.Some.StartsWith("KUBECTL is not set"));
    }

    [TestCase("15010")]
    [TestCase(":15010")]
    [TestCase("127.0.0.1:")]
    [TestCase("127.0.0.1:99999")]
    [TestCase("http://127.0.0.1:15010/")]
    public void Find_AnAddressThatIsNone_SaysWhatItIs(string text) => Assert.That(
        Find(("ISTIOD_XDS", text), ("KUBECTL", "k")).Problems,
        Has.One.EqualTo($"ISTIOD_XDS is '{text}'; expected host:port"));

    private static (MeshAddresses? Mesh, IReadOnlyList<string> Problems) Find(
        params (string Name, string Value)[] variables)
    {
        var mesh = MeshAddresses.Find(
            name => variables.FirstOrDefault(pair => pair.Name == name).Value, out var problems);
        return (mesh, problems);
    }
}
