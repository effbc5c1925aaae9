using System.Runtime.CompilerServices;

namespace SelfHeal.UnitTests.Xds;

/// <summary>Compares text with a file under <c>Golden/</c>; SELFHEAL_UPDATE_GOLDEN=1 writes the file instead.</summary>
internal static class GoldenFile
{
    public static void Check(string path, string actual, [CallerFilePath] string caller = "")
    {
        if (Environment.GetEnvironmentVariable("SELFHEAL_UPDATE_GOLDEN") is "1")
        {
            File.WriteAllText(Path.Combine(ProjectFolder(caller), "Golden", path), actual);
            return;
        }
        var copy = Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", path);
        Assert.That(File.Exists(copy), $"{path} is missing: run the test with SELFHEAL_UPDATE_GOLDEN=1");
        Assert.That(actual, Is.EqualTo(File.ReadAllText(copy)), path);
    }

    private static string ProjectFolder(string file)
    {
        var folder = Path.GetDirectoryName(file);
        while (folder is not null && !Directory.Exists(Path.Combine(folder, "Golden")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new AssertionException("the Golden folder is not found from the source file");
    }
}
