using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Envoy.Config.Core.V3;
using Envoy.Service.Metrics.V3;
using Google.Protobuf;
using Io.Prometheus.Client;

namespace SelfHeal.UnitTests.Xds.Stats;

/// <summary>
/// A dump of stats as text (Envoy's admin page, or Prometheus' format), turned into the families that a stats sink
/// would send, and what must come out of them again.
/// </summary>
internal sealed partial class StatsDump
{
    private readonly Dictionary<string, string> _types = [];
    private readonly Dictionary<string, MetricFamily> _grouped = new(StringComparer.Ordinal);
    private readonly List<MetricFamily> _families = [];

    public StatsDump(string path)
    {
        foreach (var line in File.ReadLines(path))
            Take(line.Trim());
    }

    /// <summary>Lines with a number.</summary>
    public int Lines { get; private set; }

    /// <summary>Lines of text, which no sink sends.</summary>
    public int TextLines { get; private set; }

    public IReadOnlyList<MetricFamily> Families => _families;

    public byte[] Flush(bool identify, long millis)
    {
        var message = new StreamMetricsMessage();
        if (identify)
            message.Identifier = new() { Node = new Node { Id = "envoy-1" } };
        foreach (var family in _families)
        {
            foreach (var metric in family.Metric)
                metric.TimestampMs = millis;
            message.EnvoyMetrics.Add(family);
        }

        return message.ToByteArray();
    }

    [GeneratedRegex(
        "^(?<name>[^{ ]+)(\\{(?<labels>.*)\\})? (?<value>[^ ]+)( [0-9.]+)?$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex PrometheusLine();

    [GeneratedRegex("(?<name>[^=,]+)=\"(?<value>(\\\\.|[^\"\\\\])*)\",?", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Label();

    [GeneratedRegex("P(?<quantile>[0-9.]+)\\((?<value>[^,]+),", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Quantiles();

    private void Take(string line)
    {
        if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
        {
            var words = line.Split(' ');
            _types[words[2]] = words[3];
            return;
        }

        if (line.Length == 0 || line[0] == '#')
            return;
        var colon = line.LastIndexOf(": ", StringComparison.Ordinal);
        if (colon > 0 && !line.Contains('{', StringComparison.Ordinal))
        {
            TakeAdmin(line[..colon], line[(colon + 2)..]);
            return;
        }

        var match = PrometheusLine().Match(line);
        Assert.That(match.Success, Is.True, $"a line of no known format: {line}");
        Lines++;
        var labels = new List<LabelPair>();
        foreach (Match label in Label().Matches(match.Groups["labels"].Value))
            labels.Add(new LabelPair { Name = label.Groups["name"].Value, Value = label.Groups["value"].Value });
        TakePrometheus(match.Groups["name"].Value, labels, Number(match.Groups["value"].Value));
    }

    private void TakeAdmin(string name, string value)
    {
        if (value.StartsWith('"'))
        {
            TextLines++;
            return;
        }

        Lines++;
        if (value.StartsWith("P0(", StringComparison.Ordinal) || value == "No recorded values")
            _families.Add(Summary(name, value));
        else
            Add(name, [], Number(value), isGauge: false);
    }

    /// <summary>P0(interval,total) P25(interval,total) ...: the sink sends those of the interval.</summary>
    private static MetricFamily Summary(string name, string quantiles)
    {
        var summary = new Summary();
        foreach (Match match in Quantiles().Matches(quantiles))
        {
            summary.Quantile.Add(new Quantile
            {
                Quantile_ = Number(match.Groups["quantile"].Value) / 100,
                Value = Number(match.Groups["value"].Value),
            });
        }

        var metric = new Metric { Summary = summary };
        return new MetricFamily { Name = name, Type = MetricType.Summary, Metric = { metric } };
    }

    private void TakePrometheus(string name, List<LabelPair> labels, double value)
    {
        foreach (var suffix in (string[])["_bucket", "_sum", "_count", ""])
        {
            if (!name.EndsWith(suffix, StringComparison.Ordinal)
                || !_types.TryGetValue(name[..^suffix.Length], out var type) || type is not ("histogram" or "summary"))
                continue;
            Group(name[..^suffix.Length], suffix, labels, value, type == "histogram");
            return;
        }

        Add(name, labels, value, _types.GetValueOrDefault(name) != "counter");
    }

    private void Add(string name, List<LabelPair> labels, double value, bool isGauge)
    {
        var family = EnvoyStats.Family(name, value, isGauge, 0);
        family.Metric[0].Label.AddRange(labels);
        _families.Add(family);
    }

    private void Group(string name, string suffix, List<LabelPair> labels, double value, bool isHistogram)
    {
        var edge = labels.Find(static label => label.Name is "le" or "quantile");
        labels.RemoveAll(static label => label.Name is "le" or "quantile");
        var key = new StringBuilder(name).AppendJoin(',', labels).ToString();
        if (!_grouped.TryGetValue(key, out var family))
        {
            family = new MetricFamily
            {
                Name = name,
                Type = isHistogram ? MetricType.Histogram : MetricType.Summary,
                Metric = { new Metric { Label = { labels } } },
            };
            if (isHistogram)
                family.Metric[0].Histogram = new Histogram();
            else
                family.Metric[0].Summary = new Summary();
            _grouped.Add(key, family);
            _families.Add(family);
        }

        var metric = family.Metric[0];
        switch (suffix, isHistogram)
        {
            case ("_bucket", _):
                // Envoy's sink sends its finite edges only; the count has the rest.
                if (edge!.Value != "+Inf")
                {
                    var bucket = new Bucket { UpperBound = Number(edge.Value), CumulativeCount = (ulong)value };
                    metric.Histogram.Bucket.Add(bucket);
                }

                break;
            case ("_sum", true):
                metric.Histogram.SampleSum = value;
                break;
            case ("_sum", false):
                metric.Summary.SampleSum = value;
                break;
            case ("_count", true):
                metric.Histogram.SampleCount = (ulong)value;
                break;
            case ("_count", false):
                metric.Summary.SampleCount = (ulong)value;
                break;
            default:
                metric.Summary.Quantile.Add(new Quantile { Quantile_ = Number(edge!.Value), Value = value });
                break;
        }
    }

    private static double Number(string text) => text switch
    {
        "NaN" or "nan" => double.NaN,
        "+Inf" => double.PositiveInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}
