using FsCheck;
using FsCheck.Fluent;
using SelfHeal.Sidecar.Xds.Proxies;

namespace SelfHeal.UnitTests.Sidecar.Xds;

internal sealed class UnifiedDiffTests
{
    [Test]
    public void Write_EqualTexts_IsEmpty() =>
        Assert.That(UnifiedDiff.Write("a\nb\n", "a\nb\n", "x", "y"), Is.Empty);

    [Test]
    public void Write_OneLineOfMany_ShowsItWithThreeAround()
    {
        var before = string.Join('\n', Enumerable.Range(1, 20));
        var after = before.Replace("\n10\n", "\nten\n", StringComparison.Ordinal);

        Assert.That(UnifiedDiff.Write(before, after, "held/c", "intended/c"), Is.EqualTo(
            "--- held/c\n+++ intended/c\n@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n"));
    }

    [Test]
    public void Write_ChangesFarApart_AreTwoHunks()
    {
        var before = string.Join('\n', Enumerable.Range(1, 40));
        var after = before.Replace("\n5\n", "\n", StringComparison.Ordinal) + "\n41";

        Assert.That(UnifiedDiff.Write(before, after, "a", "b"), Is.EqualTo(
            "--- a\n+++ b\n@@ -2,7 +2,6 @@\n 2\n 3\n 4\n-5\n 6\n 7\n 8\n@@ -38,3 +37,4 @@\n 38\n 39\n 40\n+41\n"));
    }

    [TestCase("", "a\nb\n", "--- x\n+++ y\n@@ -0,0 +1,2 @@\n+a\n+b\n")]
    [TestCase("a\nb\n", "", "--- x\n+++ y\n@@ -1,2 +0,0 @@\n-a\n-b\n")]
    public void Write_OneSideEmpty_IsAllOfTheOther(string before, string after, string diff) =>
        Assert.That(UnifiedDiff.Write(before, after, "x", "y"), Is.EqualTo(diff));

    [Test]
    public void Write_TextsWithNothingInCommon_GivesUpAndShowsBothWhole()
    {
        var before = string.Join('\n', Enumerable.Range(0, 1500).Select(static i => $"a{i}"));
        var after = string.Join('\n', Enumerable.Range(0, 1500).Select(static i => $"b{i}"));

        var diff = UnifiedDiff.Write(before, after, "x", "y");

        Assert.That(diff, Does.StartWith("--- x\n+++ y\n@@ -1,1500 +1,1500 @@\n-a0\n").And.EndsWith("+b1499\n"));
    }

    [Test]
    public void Write_AnyTwoTexts_PatchesTheOneIntoTheOther()
    {
        var lines = Gen.Choose(0, 4).Select(static i => i.ToString()).ListOf();
        var property = Prop.ForAll(
            Arb.From(lines), Arb.From(lines), static (before, after) =>
            {
                var (old, next) = (before.ToArray(), after.ToArray());
                var diff = UnifiedDiff.Write(Text(old), Text(next), "x", "y");
                return Patch(old, diff).SequenceEqual(next, StringComparer.Ordinal)
                    ? true
                    : throw new AssertionException(diff);
            });
        Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(500), property);
    }

    private static string Text(string[] lines) => string.Concat(lines.Select(static l => l + "\n"));

    private static List<string> Patch(string[] old, string diff)
    {
        var result = new List<string>();
        var at = 0;
        foreach (var line in diff.Split('\n').Skip(2).Where(static l => l.Length > 0))
        {
            if (line[0] == '@')
            {
                var range = line.Split(' ')[1][1..].Split(',');
                var start = int.Parse(range[0], null) - (range[1] is "0" ? 0 : 1);
                result.AddRange(old[at..start]);
                at = start;
            }
            else if (line[0] == '+')
            {
                result.Add(line[1..]);
            }
            else
            {
                Assert.That(old[at], Is.EqualTo(line[1..]), "what is taken away or stays is there");
                if (line[0] == ' ')
                    result.Add(old[at]);
                at++;
            }
        }

        result.AddRange(old[at..]);
        return result;
    }
}
