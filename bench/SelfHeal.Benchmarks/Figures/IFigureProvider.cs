namespace SelfHeal.Benchmarks.Figures;

/// <summary>Measures some figures together, so that their ratios are of one run. To add one: a class, and a line in
/// <see cref="FigureCatalog.Providers"/>.</summary>
internal interface IFigureProvider
{
    /// <summary>What it measures; every one of them is in <see cref="FigureCatalog.Names"/>.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Measures, and adds at least every figure that the run wants. What cannot be measured is an exception.
    /// </summary>
    Task MeasureAsync(FigureRun run, CancellationToken cancellationToken);
}
