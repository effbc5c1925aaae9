using System.Globalization;

namespace SelfHeal.Sidecar.Commands;

/// <summary>
/// Makes text fit for a terminal. Records quote what proxies and upstreams said, and whoever can make an upstream fail
/// must not be able to drive the terminal of the person who looks at it.
/// </summary>
internal static class TerminalText
{
    /// <summary>Replaces control characters other than line breaks.</summary>
    /// <param name="text">Any text.</param>
    public static string Clean(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return string.Create(text.Length, text, static (span, source) =>
        {
            for (var index = 0; index < source.Length; index++)
                span[index] = char.IsControl(source[index]) && source[index] != '\n' ? '?' : source[index];
        });
    }

    /// <summary>A time as the commands show it: UTC, to the second.</summary>
    /// <param name="time">Any time.</param>
    public static string Of(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
