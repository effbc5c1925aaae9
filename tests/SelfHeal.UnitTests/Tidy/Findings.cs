namespace SelfHeal.UnitTests.Tidy;

/// <summary>Findings of a rule on the working tree.</summary>
internal static class Findings
{
    /// <summary>Fails with every finding on a line of its own; the assertion itself would show ten.</summary>
    public static void ExpectNone(IEnumerable<string> findings)
    {
        var all = findings.ToArray();
        Assert.That(all, Is.Empty, string.Join('\n', all));
    }
}
