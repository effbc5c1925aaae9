using Microsoft.Extensions.Logging;

namespace SelfHeal.Sidecar.Config;

/// <summary>The log of the running process, on standard output.</summary>
internal sealed class LoggingOptions
{
    /// <summary>Readable lines, or one JSON object per line. Default: console.</summary>
    public LogFormat Format { get; init; } = LogFormat.Console;

    /// <summary>The least severe level that is written. Default: information.</summary>
    public LogLevel Level { get; init; } = LogLevel.Information;
}
