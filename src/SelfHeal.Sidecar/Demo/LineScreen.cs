using System.Globalization;
using Spectre.Console;

namespace SelfHeal.Sidecar.Demo;

/// <summary>One line per event and a line of state every five seconds, never wrapped and without colours.</summary>
internal sealed class LineScreen(IAnsiConsole console) : IDemoScreen
{
    private static readonly TimeSpan StateInterval = TimeSpan.FromSeconds(5);

    private int _shown;
    private TimeSpan _nextState = TimeSpan.Zero;
    private DateTimeOffset? _first;

    /// <inheritdoc/>
    public Task<T> ShowAsync<T>(Func<Task<T>> play) => play();

    /// <inheritdoc/>
    public void Update(DemoFrame frame)
    {
        for (; _shown < frame.Events.Count; _shown++)
        {
            var one = frame.Events[_shown];
            _first ??= one.At;
            Write($"+{(one.At - _first.Value).TotalSeconds,6:0.00}s  {one.Source,-8}  {one.Name,-17}  {one.Text}");
        }

        if (frame.Elapsed < _nextState || frame.Versions.IsEmpty)
            return;
        _nextState = frame.Elapsed + StateInterval;
        var versions = frame.Versions.Select(row => string.Create(
            CultureInfo.InvariantCulture,
            $"{row.Version} weight {Weight(row)}: {row.PerSecond:0}/s, {row.FailedPerSecond:0.0}/s failing"));
        var state = $"{string.Join("; ", versions)}; {frame.Phase}, {frame.Waiting}";
        Write($"+{(frame.At - (_first ?? frame.At)).TotalSeconds,6:0.00}s  {"lab",-8}  {"state",-17}  {state}");
    }

    private static string Weight(DemoVersionRow row) => row.Weight?.ToString(CultureInfo.InvariantCulture) ?? "?";

    private void Write(FormattableString line) =>
        console.Profile.Out.Writer.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
