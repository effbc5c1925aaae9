using System.Globalization;
using System.Text.Json;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>
/// <c>figures FILE [NAMES]</c>: measures, writes the file and prints a table. A figure that is wanted and not there is
/// a failure: nothing is invented, and no old value stays in its place.
/// </summary>
internal static class FiguresCommand
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static async Task<int> RunAsync(string path, string only, CancellationToken cancellationToken)
    {
        var run = new FigureRun(only);
        var wanted = FigureCatalog.Names.Where(run.Wants).ToList();
        if (wanted.Count == 0)
        {
            await Console.Error.WriteLineAsync($"no figure's name begins with '{only}'; there are:");
            await Console.Error.WriteLineAsync(string.Join('\n', FigureCatalog.Names));
            return 2;
        }

        // Read first: an hour of measuring must not end with a file that cannot be read.
        var old = ReadOld(path, run);
        if (Path.GetDirectoryName(path) is { Length: > 0 } directory)
            Directory.CreateDirectory(directory);
        var failures = new List<string>();
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var provider in FigureCatalog.Providers)
        {
            if (!provider.Names.Any(run.Wants))
                continue;
            try
            {
                await provider.MeasureAsync(run, cancellationToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                var names = string.Join(", ", provider.Names.Where(run.Wants));
                failures.Add($"{names}: {error.Message}");
                told.UnionWith(provider.Names);
                await Console.Error.WriteLineAsync($"  FAILED: {names}\n{error}");
            }
        }

        var measured = run.Figures.Select(static f => f.Name).ToHashSet(StringComparer.Ordinal);
        var provided = FigureCatalog.Providers.SelectMany(static p => p.Names).ToHashSet(StringComparer.Ordinal);
        failures.AddRange(wanted.Where(n => !provided.Contains(n)).Select(static n => $"{n}: nothing measures it yet"));
        failures.AddRange(wanted
            .Where(n => provided.Contains(n) && !measured.Contains(n) && !told.Contains(n))
            .Select(static n => $"{n}: was not measured"));
        var figures = Merge(old, run);
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(figures, Json) + "\n", cancellationToken);
        Print(figures.Where(f => measured.Contains(f.Name)), failures);
        return failures.Count == 0 ? 0 : 1;
    }

    /// <summary>A run of some figures leaves the others as they were; a run of all leaves nothing old.</summary>
    private static List<Figure> Merge(List<Figure> old, FigureRun run)
    {
        var kept = old.Where(o => !run.Wants(o.Name) && !run.Figures.Any(f => f.Name == o.Name));
        return [.. run.Figures.Concat(kept).OrderBy(static f => f.Name, StringComparer.Ordinal)];
    }

    private static List<Figure> ReadOld(string path, FigureRun run)
    {
        if (run.WantsAll || !File.Exists(path))
            return [];
        try
        {
            return JsonSerializer.Deserialize<List<Figure>>(File.ReadAllText(path), Json) ?? [];
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} holds no list of figures: {error.Message}", error);
        }
    }

    private static void Print(IEnumerable<Figure> figures, List<string> failures)
    {
        Console.WriteLine();
        foreach (var figure in figures)
        {
            var value = figure.Value.ToString("#,0.###", CultureInfo.InvariantCulture);
            Console.WriteLine($"{figure.Name,-36}{value,14} {figure.Unit}");
        }

        foreach (var failure in failures)
            Console.WriteLine($"NOT SHOWN  {failure}");
    }
}
