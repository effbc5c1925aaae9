using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SelfHeal.Sidecar.Demo;

/// <summary>A table that redraws in place, with the newest events below it.</summary>
internal sealed class LiveScreen(IAnsiConsole console) : IDemoScreen
{
    /// <summary>Fits a terminal of 24 lines; the rest is in the report at the end.</summary>
    private const int MaxEvents = 11;

    private const int BarWidth = 40;

    private LiveDisplayContext? _context;
    private DateTimeOffset? _first;

    /// <inheritdoc/>
    public Task<T> ShowAsync<T>(Func<Task<T>> play) =>
        console.Live(new Text("starting")).AutoClear(false).StartAsync(context =>
        {
            _context = context;
            return play();
        });

    /// <inheritdoc/>
    public void Update(DemoFrame frame)
    {
        if (frame.Events.Count > 0)
            _first ??= frame.Events[0].At;
        _context?.UpdateTarget(new Rows(Versions(frame), State(frame), Events(frame)));
    }

    private static Table Versions(DemoFrame frame)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("payments");
        foreach (var heading in (string[])["weight", "req/s", "5xx/s", "5xx in all"])
            table.AddColumn(new TableColumn(heading).RightAligned());
        foreach (var row in frame.Versions)
        {
            var failing = row.FailedPerSecond > 0 ? "red" : "green";
            table.AddRow(
                Markup.Escape(row.Version),
                row.Weight?.ToString(CultureInfo.InvariantCulture) ?? "?",
                row.PerSecond.ToString("0", CultureInfo.InvariantCulture),
                $"[{failing}]{row.FailedPerSecond.ToString("0.0", CultureInfo.InvariantCulture)}[/]",
                row.Failed.ToString(CultureInfo.InvariantCulture));
        }

        return table;
    }

    private static Markup State(DemoFrame frame)
    {
        var bar = string.Empty;
        if (frame.Progress is { } progress)
        {
            var full = (int)(Math.Clamp(progress, 0, 1) * BarWidth);
            bar = $" [blue]{new string('━', full)}[/][grey]{new string('━', BarWidth - full)}[/]";
        }

        var elapsed = frame.Elapsed.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        return new Markup($"[bold]{Markup.Escape(frame.Phase)}[/] {Markup.Escape(frame.Waiting)}{bar} {elapsed} s");
    }

    private IRenderable Events(DemoFrame frame)
    {
        var grid = new Grid().AddColumns(3);
        foreach (var one in frame.Events.Skip(Math.Max(0, frame.Events.Count - MaxEvents)))
        {
            var since = (one.At - (_first ?? one.At)).TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture);
            var name = new Text(one.Name, new Style(decoration: Decoration.Bold));
            grid.AddRow(new Text($"+{since}s"), name, new Text(one.Text));
        }

        return grid;
    }
}
