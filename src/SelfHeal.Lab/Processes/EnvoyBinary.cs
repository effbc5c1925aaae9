namespace SelfHeal.Lab.Processes;

/// <summary>Finds Envoy: the variable <c>ENVOY_BIN</c> first, then <c>envoy</c> on <c>PATH</c>.</summary>
public static class EnvoyBinary
{
    /// <summary>The variable that names the executable.</summary>
    public const string Variable = "ENVOY_BIN";

    /// <summary>What to tell someone who has none.</summary>
    public const string HowToGet =
        "Envoy binaries for Linux are at https://github.com/envoyproxy/envoy/releases; "
        + "set ENVOY_BIN to the file, or put it on PATH as 'envoy'.";

    /// <summary>The path of the executable; null when there is none.</summary>
    public static string? Find()
    {
        var named = Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(named))
            return File.Exists(named) ? named : null;
        return (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, "envoy"))
            .FirstOrDefault(File.Exists);
    }
}
