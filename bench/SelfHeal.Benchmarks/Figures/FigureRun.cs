using System.Globalization;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>One run of <c>make figures</c>: what is wanted, and what was found.</summary>
/// <param name="only">Beginnings of names, separated by commas; empty wants all.</param>
internal sealed class FigureRun(string only)
{
    private readonly string[] _only = only.Split(
        ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private readonly List<Figure> _figures = [];

    /// <summary>Whether the run is about every figure.</summary>
    public bool WantsAll => _only.Length == 0;

    public IReadOnlyList<Figure> Figures => _figures;

    public bool Wants(string name) =>
        WantsAll || _only.Any(start => name.StartsWith(start, StringComparison.Ordinal));

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
}
