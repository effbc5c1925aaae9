namespace SelfHeal.UnitTests.Sidecar;

/// <summary>
/// Compares text with a file of the repository; <c>SELFHEAL_UPDATE_GOLDEN=1</c> rewrites the file instead.
/// </summary>
internal static class GoldenFile
{
    private const string UpdateVariable = "SELFHEAL_UPDATE_GOLDEN";

    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = FindRoot();

    public static void Check(string path, string actual)
    {
        var full = Path.Combine(Root, path);
        if (string.Equals(Environment.GetEnvironmentVariable(UpdateVariable), "1", StringComparison.Ordinal))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full) ?? Root);
            File.WriteAllText(full, actual);
        }

        var expected = File.Exists(full) ? File.ReadAllText(full) : "";
        Assert.That(actual, Is.EqualTo(expected), $"{path} is stale; rewrite it with {UpdateVariable}=1 make test");
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Directory.Packages.props")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("the tests run outside of the repository");
    }
}
