using SelfHeal.UnitTests.Tidy;

namespace SelfHeal.UnitTests.Surface;

/// <summary>
/// A change of a library's public types shows in review as a change of its approved file. Rewrite the files with
/// SELFHEAL_UPDATE_GOLDEN=1.
/// </summary>
public sealed class SurfaceTests
{
    private const string Advice = "rewrite it with SELFHEAL_UPDATE_GOLDEN=1 and review it";

    private static readonly string[] Libraries =
        ["SelfHeal.Core", "SelfHeal.Xds", "SelfHeal.Grpc", "SelfHeal.Kubernetes", "SelfHeal.Ledger", "SelfHeal.Lab"];

    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "SelfHeal.UnitTests", "Surface");

    /// <summary>Libraries that do not exist yet have no surface.</summary>
    private static IEnumerable<string> Existing => Libraries.Intersect(
        Repository.SourceProjects.Select(project => project.Name),
        StringComparer.Ordinal);

    [TestCaseSource(nameof(Existing))]
    public void PublicTypes_OfLibrary_AreTheApprovedOnes(string library)
    {
        var surface = PublicSurface.Describe(PublicSurface.Of(Repository.Project(library).AssemblyPath));
        var approvedPath = Path.Combine(Folder, $"{library}.approved.txt");
        if (Environment.GetEnvironmentVariable("SELFHEAL_UPDATE_GOLDEN") is "1")
            File.WriteAllText(approvedPath, surface);
        Assert.That(approvedPath, Does.Exist, Advice);
        Assert.That(surface, Is.EqualTo(File.ReadAllText(approvedPath)), Advice);
    }

    [Test]
    public void ApprovedFiles_WithoutALibrary_AreLeftOver() => Assert.That(
        Directory.EnumerateFiles(Folder, "*.approved.txt").Select(Path.GetFileName),
        Is.EquivalentTo(Existing.Select(library => $"{library}.approved.txt")));

    [Test]
    public void Describe_TypesOfEveryKind_AreToldApart() => Assert.That(
        PublicSurface.Describe([typeof(Uri), typeof(Range), typeof(DayOfWeek), typeof(IDisposable), typeof(Action),
            typeof(Math), typeof(Stream), typeof(string), typeof(Span<int>).GetGenericTypeDefinition(), typeof(Fact)]),
        Is.EqualTo("""
            delegate System.Action
            enum System.DayOfWeek
            interface System.IDisposable
            abstract class System.IO.Stream
            static class System.Math
            readonly struct System.Range
            readonly ref struct System.Span`1
            sealed class System.String
            class System.Uri
            sealed record SelfHeal.UnitTests.Surface.SurfaceTests+Fact

            """.Split('\n').OrderBy(line => line.Split(' ')[^1], StringComparer.Ordinal)
            .Where(line => line.Length > 0).Aggregate("", (all, line) => $"{all}{line}\n")));

    private sealed record Fact(int Number);
}
