namespace SelfHeal.UnitTests.Tidy;

/// <summary>The working tree that these tests were built from.</summary>
internal static class Repository
{
    /// <summary>What builds and tools leave behind; the same names are in .gitignore.</summary>
    private static readonly HashSet<string> NotOurs = new(StringComparer.Ordinal)
    {
        ".git", "bin", "obj", "node_modules", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts", ".vs", ".idea",
    };

    public static string Root { get; } = FindRoot();

    /// <summary>The projects under src, ordered by name.</summary>
    public static IReadOnlyList<SourceProject> SourceProjects { get; } =
        [.. Files("src").Where(path => path.EndsWith(".csproj", StringComparison.Ordinal)).Select(SourceProject.Load)];

    public static SourceProject Project(string name) =>
        SourceProjects.Single(project => string.Equals(project.Name, name, StringComparison.Ordinal));

    /// <summary>Every file under a folder of the tree, without what builds leave behind, ordered.</summary>
    public static IEnumerable<string> Files(string folder = "")
    {
        var pending = new Stack<string>([Path.Combine(Root, folder)]);
        var files = new List<string>();
        while (pending.TryPop(out var directory))
        {
            if (!Directory.Exists(directory))
                continue;
            files.AddRange(Directory.EnumerateFiles(directory));
            foreach (var child in Directory.EnumerateDirectories(directory))
            {
                if (!NotOurs.Contains(Path.GetFileName(child)))
                    pending.Push(child);
            }
        }

        return files.Order(StringComparer.Ordinal);
    }

    /// <summary>Hand-written C# under the given folders.</summary>
    public static IEnumerable<SourceText> Code(params string[] folders) =>
        from folder in folders
        from path in Files(folder)
        where path.EndsWith(".cs", StringComparison.Ordinal) && !path.EndsWith(".g.cs", StringComparison.Ordinal)
        select SourceText.Load(path);

    private static string FindRoot()
    {
        for (var place = new DirectoryInfo(AppContext.BaseDirectory); place is not null; place = place.Parent)
        {
            if (File.Exists(Path.Combine(place.FullName, "Directory.Packages.props")))
                return place.FullName;
        }

        throw new DirectoryNotFoundException($"no Directory.Packages.props above {AppContext.BaseDirectory}");
    }
}
