using System.Globalization;

namespace SelfHeal.Benchmarks.Servers;

/// <summary><c>/metrics</c> of <c>selfheal serve</c> at one moment.</summary>
internal sealed class MetricsPage
{
    private readonly List<(string Name, string Labels, double Value)> _samples = [];

    private MetricsPage(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var space = line.LastIndexOf(' ');
            var brace = line.IndexOf('{', StringComparison.Ordinal);
            var name = line[..(brace < 0 ? space : brace)];
            var labels = brace < 0 ? "" : line[brace..space];
            _samples.Add((name, labels, double.Parse(line[(space + 1)..], CultureInfo.InvariantCulture)));
        }
    }

    public static async Task<MetricsPage> ReadAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        return new MetricsPage(await client.GetStringAsync(new Uri(server.Admin, "/metrics"), cancellationToken));
    }

    public bool Has(string name) => _samples.Exists(s => s.Name == name);

    /// <summary>The sum over all labels; 0 for a counter that was never touched.</summary>
    public double Sum(string name) => _samples.Where(s => s.Name == name).Sum(static s => s.Value);

    /// <summary>
    /// The least upper bound of a histogram's bucket under which the given share of what came since an earlier page
    /// lies: what is said is true, the quantile itself may be lower.
    /// </summary>
    /// <param name="name">Without <c>_bucket</c>.</param>
    /// <param name="share">0 to 1.</param>
    /// <param name="earlier">What came before it is left out.</param>
    public double QuantileSince(MetricsPage earlier, string name, double share)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        var buckets = Buckets(name);
        var before = earlier.Buckets(name).ToDictionary(static b => b.Bound, static b => b.Count);
        var counts = buckets.Select(b => (b.Bound, Count: b.Count - before.GetValueOrDefault(b.Bound))).ToList();
        if (counts.Count == 0 || counts[^1].Count <= 0)
            throw new InvalidOperationException($"{name} has no observations in /metrics");
        return counts.First(c => c.Count >= share * counts[^1].Count).Bound;
    }

    private List<(double Bound, double Count)> Buckets(string name)
    {
        const string Bound = "le=\"";
        return [.. _samples
            .Where(s => s.Name == name + "_bucket")
            .Select(static s => (BoundOf(s.Labels), s.Value))
            .GroupBy(static b => b.Item1)
            .Select(static g => (g.Key, g.Sum(static b => b.Value)))
            .OrderBy(static b => b.Key)];

        static double BoundOf(string labels)
        {
            var start = labels.IndexOf(Bound, StringComparison.Ordinal) + Bound.Length;
            var text = labels[start..labels.IndexOf('"', start)];
            return text == "+Inf" ? double.PositiveInfinity : double.Parse(text, CultureInfo.InvariantCulture);
        }
    }
}
