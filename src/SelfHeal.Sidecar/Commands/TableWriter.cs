using System.Collections.Immutable;
using Spectre.Console;

namespace SelfHeal.Sidecar.Commands;

/// <summary>
/// Writes a table: with borders for a person, and otherwise as aligned columns without decoration, whose lines are
/// never wrapped or cut.
/// </summary>
/// <param name="environment">Whether a person looks.</param>
internal sealed class TableWriter(CommandEnvironment environment)
{
    private const string Gap = "  ";

    /// <summary>Writes all rows below their headings.</summary>
    /// <param name="headings">One per column.</param>
    /// <param name="rows">Each as long as the headings.</param>
    public void Write(ImmutableArray<string> headings, IReadOnlyList<ImmutableArray<string>> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (environment.IsTerminal)
            WriteFramed(headings, rows);
        else
            WritePlain(headings, rows);
    }

    private void WriteFramed(ImmutableArray<string> headings, IReadOnlyList<ImmutableArray<string>> rows)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var heading in headings)
            table.AddColumn(new TableColumn(new Text(heading, new Style(decoration: Decoration.Bold))));
        // Text, not markup: brackets in a record are content.
        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(cell)));
        environment.CreateAnsiConsole().Write(table);
    }

    private void WritePlain(ImmutableArray<string> headings, IReadOnlyList<ImmutableArray<string>> rows)
    {
        var widths = headings.Select((heading, column) =>
            rows.Select(row => row[column].Length).Append(heading.Length).Max()).ToArray();
        foreach (var row in rows.Prepend([.. headings.Select(heading => heading.ToUpperInvariant())]))
        {
            var cells = row.Select((cell, column) => cell.ReplaceLineEndings(" ").PadRight(widths[column]));
            environment.Out.WriteLine(string.Join(Gap, cells).TrimEnd());
        }
    }
}
