using System.Text.RegularExpressions;

namespace SelfHeal.FunctionalTests.Ledger;

/// <summary>
/// The completed writes and flushes of a strace output, in the order in which they began or completed.
/// </summary>
internal sealed partial class SystemCallTrace
{
    private readonly List<string> _events = [];

    /// <summary>Reads the lines of <c>strace -f -y</c>.</summary>
    public SystemCallTrace(IEnumerable<string> lines)
    {
        var unfinished = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var (thread, call) = (line.Split(' ')[0], line[(line.IndexOf(' ') + 1)..].TrimStart());
            if (call.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                // A write counts from its beginning, a flush only from its end: the order that is harder to satisfy.
                if (IsWrite(call))
                    _events.Add(call);
                unfinished[thread] = call[..^"<unfinished ...>".Length];
            }
            else if (Resumed().Match(call) is { Success: true } resumed && unfinished.Remove(thread, out var begun))
            {
                if (!IsWrite(begun))
                    _events.Add(begun + resumed.Groups["rest"].Value);
            }
            else
            {
                _events.Add(call);
            }
        }
    }

    /// <summary>The place of the first event from <paramref name="start"/> on that matches; -1 for none.</summary>
    public int Find(int start, Func<string, bool> isWanted) => _events.FindIndex(start, call => isWanted(call));

    /// <summary>The file that a write went to, when it is a write that holds the text; otherwise null.</summary>
    public static string? FileWritten(string call, string text) =>
        IsWrite(call) && call.Contains(text, StringComparison.Ordinal) ? FileOf(call) : null;

    /// <summary>The file that a successful flush was for; otherwise null.</summary>
    public static string? FileFlushed(string call) =>
        Flush().IsMatch(call) ? FileOf(call) : null;

    /// <summary>The event at a place.</summary>
    public string this[int place] => _events[place];

    private static bool IsWrite(string call) => Write().IsMatch(call);

    private static string FileOf(string call) => Descriptor().Match(call).Groups["path"].Value;

    [GeneratedRegex(@"^<\.\.\. \w+ resumed>(?<rest>.*)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^p?writev?(64)?\(", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Write();

    [GeneratedRegex(@"^f(data)?sync\(.*\)\s+= 0$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Flush();

    [GeneratedRegex(@"^\w+\(\d+<(?<path>[^>]*)>", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Descriptor();
}
