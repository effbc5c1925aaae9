namespace SelfHeal.UnitTests.Sidecar;

/// <summary>A directory with the sample gateway's resources, to be changed and damaged.</summary>
internal sealed class ResourceFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("selfheal-resources-").FullName;
    private int _writes;

    public ResourceFolder()
    {
        Directory.CreateDirectory(Location);
        var samples = Path.Combine(
            TestContext.CurrentContext.TestDirectory, "Samples", "envoy-configs", "resources");
        foreach (var file in Directory.EnumerateFiles(samples))
            File.Copy(file, Path.Combine(Location, Path.GetFileName(file)));
    }

    public string Location => Path.Combine(_root, "resources");

    public void Replace(string file, string before, string after)
    {
        var path = Path.Combine(Location, file);
        var text = File.ReadAllText(path);
        Assert.That(text, Does.Contain(before));
        File.WriteAllText(path, text.Replace(before, after, StringComparison.Ordinal));

        // Two writes within one tick of the file system's clock would look alike.
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, 0, ++_writes, DateTimeKind.Utc));
    }

    public void Hide() => Directory.Move(Location, Location + ".away");

    public void Restore() => Directory.Move(Location + ".away", Location);

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
