namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>Changes a file of resources as an operator's tool does: whole, in one step.</summary>
internal static class ResourceEdit
{
    /// <summary>Replaces a file's text; an edit that changes nothing fails the test.</summary>
    public static void Apply(string file, Func<string, string> edit)
    {
        var before = File.ReadAllText(file);
        var after = edit(before);
        Assert.That(after, Is.Not.EqualTo(before), file);
        File.WriteAllText(file + ".new", after);
        File.Move(file + ".new", file, overwrite: true);
    }
}
