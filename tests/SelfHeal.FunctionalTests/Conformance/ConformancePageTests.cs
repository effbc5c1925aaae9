using System.Reflection;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>Runs after all behaviours: the committed page is what they have shown.</summary>
[Order(100)]
internal sealed class ConformancePageTests
{
    private const string PeersMark = "Peers: ";

    [Test]
    public void Page_IsWhatThisRunHasShown()
    {
        if (!ConformanceRun.IsComplete)
            Assert.Inconclusive("only a part of the behaviours was run");
        var path = typeof(ConformancePageTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(static a => a.Key is "ConformancePage").Value ?? "";
        var page = ConformancePage.Render($"{PeersMark}{string.Join(", ", ConformanceRun.Versions)}.");
        if (Environment.GetEnvironmentVariable("SELFHEAL_UPDATE_GOLDEN") is "1")
            File.WriteAllText(path, page);

        // Another Envoy may show the same.
        Assert.That(
            WithoutPeers(File.Exists(path) ? File.ReadAllText(path) : ""),
            Is.EqualTo(WithoutPeers(page)),
            "rewrite it with SELFHEAL_UPDATE_GOLDEN=1 and review it");
    }

    private static string WithoutPeers(string page) => string.Join('\n', page.Split('\n')
        .Where(static line => !line.StartsWith(PeersMark, StringComparison.Ordinal)));
}
