namespace SelfHeal.UnitTests.Tidy;

/// <summary>The house rules that can be read off the text, on every hand-written file.</summary>
public sealed class TidyTests
{
    private static readonly SourceText[] Code = [.. Repository.Code("src", "tests", "bench")];

    private static IEnumerable<string> ProjectNames => Repository.SourceProjects.Select(project => project.Name);

    [Test]
    public void Lines_OfCode_FitInto120Columns() => Findings.ExpectNone(Code.SelectMany(TextRules.LongLines));

    [Test]
    public void Methods_OfCode_HaveAtMost70Lines() => Findings.ExpectNone(Code.SelectMany(TextRules.LongMethods));

    [Test]
    public void Files_OfCode_HaveAtMost500Lines() => Findings.ExpectNone(Code.SelectMany(TextRules.LongFile));

    [Test]
    public void Code_IsIndented_WithSpaces() => Findings.ExpectNone(Code.SelectMany(TextRules.Tabs));

    [Test]
    public void Code_HasNo_Regions() => Findings.ExpectNone(Code.SelectMany(TextRules.Regions));

    [Test]
    public void OpenEnds_Name_TheirIssue() => Findings.ExpectNone(Code.SelectMany(TextRules.ToDosWithoutIssue));

    [Test]
    public void Files_UnderSrc_HaveOnePublicType() =>
        Findings.ExpectNone(Repository.Code("src").SelectMany(TextRules.ManyPublicTypes));

    [Test]
    public void TextFiles_NameNo_MachinePathOrRegistry() => Findings.ExpectNone(
        Repository.Files().Where(IsText).Select(SourceText.Load).SelectMany(TextRules.MachinePathsAndRegistries));

    [TestCaseSource(nameof(ProjectNames))]
    public void Readme_OfProject_SpeaksOfTypesThatExist(string name)
    {
        var project = Repository.Project(name);
        var path = Path.Combine(project.Directory, "README.md");
        Assert.That(path, Does.Exist);
        Findings.ExpectNone(TextRules.UnknownNames(SourceText.Load(path), project.LoadAssembly().Names));
    }

    [Test]
    public void Repository_HasTheCode_ThatTheseTestsAreAbout()
    {
        Assert.That(Code.Select(file => file.Place), Does.Contain("src/SelfHeal.Core/Invariant.cs"));
        Assert.That(Code.Select(file => file.Place), Has.None.Contains("/obj/"));
    }

    /// <summary>Binary files have zero bytes near their beginning, text files have none.</summary>
    private static bool IsText(string path)
    {
        using var stream = File.OpenRead(path);
        Span<byte> first = stackalloc byte[1024];
        return !first[..stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false)].Contains((byte)0);
    }
}
