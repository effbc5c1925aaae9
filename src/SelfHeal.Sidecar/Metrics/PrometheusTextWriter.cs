using System.Buffers;
using System.Globalization;
using System.Text;

namespace SelfHeal.Sidecar.Metrics;

/// <summary>
/// Writes the Prometheus text exposition format, version 0.0.4. It knows the grammar and nothing else; the order of
/// what it writes is its caller's business.
/// </summary>
/// <param name="output">Where the text goes.</param>
internal sealed class PrometheusTextWriter(IBufferWriter<byte> output)
{
    /// <summary>The media type of what is written.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    // The longest shortest-round-trip double has 24 characters.
    private const int NumberBytesMax = 32;

    /// <summary>Escapes and joins labels: <c>a="x",b="y"</c>, without braces; empty for no labels.</summary>
    /// <param name="labels">Valid names with any values, in the order to write.</param>
    public static string FormatLabels(IEnumerable<KeyValuePair<string, string>> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var text = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            if (text.Length > 0)
                text.Append(',');
            text.Append(name).Append("=\"");
            foreach (var letter in value)
            {
                _ = letter switch
                {
                    '\\' => text.Append("\\\\"),
                    '"' => text.Append("\\\""),
                    '\n' => text.Append("\\n"),
                    _ => text.Append(letter),
                };
            }

            text.Append('"');
        }

        return text.ToString();
    }

    /// <summary>Starts a metric: its HELP and TYPE lines.</summary>
    /// <param name="name">A valid name.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="help">Any text; empty for no HELP line.</param>
    public void WriteHeader(string name, MetricKind kind, string help)
    {
        ArgumentNullException.ThrowIfNull(help);
        if (help.Length > 0)
        {
            var escaped = help
                .Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal);
            Write($"# HELP {name} {escaped}\n");
        }

        var type = kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Gauge => "gauge",
            MetricKind.Histogram => "histogram",
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        Write($"# TYPE {name} {type}\n");
    }

    /// <summary>Writes one sample.</summary>
    /// <param name="name">The metric's name.</param>
    /// <param name="suffix">Appended to the name, such as <c>_bucket</c>; may be empty.</param>
    /// <param name="labels">As <see cref="FormatLabels"/> gives them.</param>
    /// <param name="lastLabel">One more label in the same form; may be empty.</param>
    /// <param name="value">The value.</param>
    public void WriteSample(string name, string suffix, string labels, string lastLabel, double value)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(lastLabel);
        Write(name);
        Write(suffix);
        if (labels.Length + lastLabel.Length > 0)
        {
            Write("{");
            Write(labels);
            if (labels.Length > 0 && lastLabel.Length > 0)
                Write(",");
            Write(lastLabel);
            Write("}");
        }

        Write(" ");
        WriteNumber(value);
        Write("\n");
    }

    /// <summary>A number as the format wants it.</summary>
    /// <param name="value">Any value.</param>
    public static string FormatNumber(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    private void WriteNumber(double value)
    {
        var span = output.GetSpan(NumberBytesMax);
        if (double.IsFinite(value) && value.TryFormat(span, out var written, "R", CultureInfo.InvariantCulture))
            output.Advance(written);
        else
            Write(FormatNumber(value));
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, output);
}
