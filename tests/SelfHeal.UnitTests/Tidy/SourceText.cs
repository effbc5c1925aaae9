namespace SelfHeal.UnitTests.Tidy;

/// <summary>A text file with its place in the tree, which is what findings name.</summary>
internal sealed record SourceText(string Place, string Text)
{
    public IEnumerable<(int Number, string Line)> Lines =>
        Text.Split('\n').Select((line, index) => (index + 1, line.TrimEnd('\r')));

    public static SourceText Load(string path) =>
        new(Path.GetRelativePath(Repository.Root, path), File.ReadAllText(path));

    public string At(int line, string what) => $"{Place}:{line}: {what}";
}
