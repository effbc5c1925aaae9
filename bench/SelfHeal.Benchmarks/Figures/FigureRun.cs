using System.Globalization;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>One run of <c>make figures</c>: what is wanted, and what was found.</summary>
/// <param name="only">Beginnings of names, separated by commas; empty wants all. One after a minus is left out.</param>
internal sealed class FigureRun(string only)
{
    private readonly string[] _only = [.. Split(only).Where(static o => o[0] != '-')];

    private readonly string[] _not = [.. Split(only).Where(static o => o[0] == '-').Select(static o => o[1..])];

    private readonly List<Figure> _figures = [];

    /// <summary>Whether the run is about every figure.</summary>
    public bool WantsAll => _only.Length == 0 && _not.Length == 0;

    public IReadOnlyList<Figure> Figures => _figures;

    public bool Wants(string name) =>
        (_only.Length == 0 || Array.Exists(_only, start => name.StartsWith(start, StringComparison.Ordinal)))
        && !Array.Exists(_not, start => name.StartsWith(start, StringComparison.Ordinal));

    /// <summary>Adds a figure and shows it at once: a long run tells what it has.</summary>
    public void Add(string name, double value, string unit, string note)
    {
        if (!double.IsFinite(value))
            throw new InvalidOperationException($"{name} came out as {value}, expected a number");
        var figure = new Figure(name, Math.Round(value, 3), unit, note);
        _figures.Add(figure);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  {figure.Name} = {figure.Value} {figure.Unit} ({figure.Note})"));
    }

    private static string[] Split(string only) =>
        only.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
