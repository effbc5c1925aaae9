namespace SelfHeal.UnitTests.Tidy;

/// <summary>The house rules that can be read off the text, on every hand-written file.</summary>
public sealed class TidyTests
{
    private static readonly SourceText[] Code = [.. Repository.Code("src", "tests", "bench")];

    private static IEnumerable<string> ProjectNames => Repository.SourceProjects.Select(project => project.Name);

    [Test]
    public void Lines_OfCode_FitInto120Columns() => Assert.That(Code.SelectMany(TextRules.LongLines), Is.Empty);

    [Test]
    public void Methods_OfCode_HaveAtMost70Lines() => Assert.That(Code.SelectMany(TextRules.LongMethods), Is.Empty);

    [Test]
    public void Files_OfCode_HaveAtMost500Lines() => Assert.That(Code.SelectMany(TextRules.LongFile), Is.Empty);

    [Test]
    public void Code_IsIndented_WithSpaces() => Assert.That(Code.SelectMany(TextRules.Tabs), Is.Empty);

    [Test]
    public void Code_HasNo_Regions() => Assert.That(Code.SelectMany(TextRules.Regions), Is.Empty);

    [Test]
    public void OpenEnds_Name_TheirIssue() => Assert.That(Code.SelectMany(TextRules.ToDosWithoutIssue), Is.Empty);

    [Test]
    public void Files_UnderSrc_HaveOnePublicType() =>
        Assert.That(Repository.Code("src").SelectMany(TextRules.ManyPublicTypes), Is.Empty);

    [Test]
    public void TextFiles_NameNo_MachinePathOrRegistry() => Assert.That(
        Repository.Files().Where(IsText).Select(SourceText.Load).SelectMany(TextRules.MachinePathsAndRegistries),
        Is.Empty);

    [TestCaseSource(nameof(ProjectNames))]
    public void Readme_OfProject_SpeaksOfTypesThatExist(string name)
    {
        var project = Repository.Project(name);
        var path = Path.Combine(project.Directory, "README.md");
        Assert.That(path, Does.Exist);
        Assert.That(TextRules.UnknownNames(SourceText.Load(path), project.LoadAssembly().Names), Is.Empty);
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
