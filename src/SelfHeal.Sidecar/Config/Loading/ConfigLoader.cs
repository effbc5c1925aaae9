using YamlDotNet.Core;

namespace SelfHeal.Sidecar.Config.Loading;

/// <summary>Reads the configuration file: everything wrong with it comes back at once, with its place.</summary>
internal static class ConfigLoader
{
    // A thousand services with ten routes each are about 500 kB; more is not a configuration of ours.
    private const int FileBytesMax = 4 * 1024 * 1024;

    // What a process of its own needs and a policy does not: a replay runs where none of it may be there.
    private static readonly string[] OfTheProcess = ["mode", "xds", "admin", "state", "recording", "logging"];

    /// <summary>Reads and checks a file.</summary>
    /// <param name="path">The file; relative paths inside it start at its directory.</param>
    public static ConfigResult Load(string path) => Load(path, static _ => true);

    /// <summary>Reads a file for its policy and detection: what is wrong with other sections does not count.</summary>
    /// <param name="path">The file; relative paths inside it start at its directory.</param>
    public static ConfigResult LoadPolicy(string path) =>
        Load(path, static field => !OfTheProcess.Contains(field.Split('.')[0], StringComparer.Ordinal));

    private static ConfigResult Load(string path, Func<string, bool> counts)
    {
        ArgumentNullException.ThrowIfNull(path);
        string text;
        try
        {
            if (Directory.Exists(path))
                return Broken(path, "is a directory; expected a file");
            var file = new FileInfo(path);
            if (file is { Exists: true, Length: > FileBytesMax })
                return Broken(path, $"has {file.Length} bytes; at most {FileBytesMax} are read");
            text = File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Broken(path, "no such file");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Broken(path, $"cannot be read: {exception.Message}");
        }

        var directory = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        return Parse(path, text, directory, counts);
    }

    /// <summary>Checks a text.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="text">YAML.</param>
    /// <param name="directory">Where relative paths start.</param>
    public static ConfigResult Parse(string name, string text, string directory) =>
        Parse(name, text, directory, static _ => true);

    private static ConfigResult Parse(string name, string text, string directory, Func<string, bool> counts)
    {
        ConfigNode? root;
        try
        {
            root = ConfigTreeReader.Read(text);
        }
        catch (YamlException exception)
        {
            var (line, column) = PlaceOf(exception, text);
            return new ConfigResult.Invalid(
                [new ConfigFinding(name, line, column, "", $"not YAML: {exception.Message}")]);
        }

        var binder = new OptionsBinder(name, directory);
        var options = binder.Bind(root);
        var broken = binder.Errors.Select(error => error.Field).ToHashSet(StringComparer.Ordinal);
        var rules = new OptionsRules(name, binder.Places, broken);
        rules.Check(options);
        var errors = binder.Errors.Concat(rules.Errors).Where(error => counts(error.Field)).ToList();
        if (errors.Count == 0)
            return new ConfigResult.Valid(options, [.. rules.Warnings]);
        return new ConfigResult.Invalid(
            [.. errors.OrderBy(error => error.Line).ThenBy(error => error.Column)]);
    }

    private static (int Line, int Column) PlaceOf(YamlException exception, string text)
    {
        // For a tab in the indentation, the commonest slip of all, the parser only tells where the mapping began.
        if (exception.Message.Contains("tab", StringComparison.Ordinal))
        {
            var lines = text.Split('\n');
            for (var index = 0; index < lines.Length; index++)
            {
                var tab = lines[index].IndexOf('\t', StringComparison.Ordinal);
                if (tab >= 0 && string.IsNullOrWhiteSpace(lines[index][..tab]))
                    return (index + 1, tab + 1);
            }
        }

        // Start is where the surrounding construct began; End is where reading stopped, and that is the slip.
        return ((int)exception.End.Line, (int)exception.End.Column);
    }

    private static ConfigResult.Invalid Broken(string path, string message) =>
        new([new ConfigFinding(path, 0, 0, "", message)]);
}
