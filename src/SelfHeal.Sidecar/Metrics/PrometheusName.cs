using System.Text;

namespace SelfHeal.Sidecar.Metrics;

/// <summary>
/// Names of instruments and tags as Prometheus wants them: <c>selfheal.xds.nacks</c> becomes
/// <c>selfheal_xds_nacks_total</c>, and a unit of seconds ends the name in <c>_seconds</c>.
/// </summary>
internal static class PrometheusName
{
    /// <summary>The name of a metric.</summary>
    /// <param name="instrument">The instrument's name.</param>
    /// <param name="unit">The instrument's unit in UCUM, as OpenTelemetry writes it; null for none.</param>
    /// <param name="kind">The metric's kind.</param>
    public static string OfMetric(string instrument, string? unit, MetricKind kind)
    {
        ArgumentNullException.ThrowIfNull(instrument);
        const string total = "_total";
        var name = Sanitise(instrument, allowColon: true);
        if (kind == MetricKind.Counter && name.EndsWith(total, StringComparison.Ordinal))
            name = name[..^total.Length];
        var suffix = Suffix(unit, kind);
        if (!name.EndsWith(suffix, StringComparison.Ordinal))
            name += suffix;
        return kind == MetricKind.Counter ? name + total : name;
    }

    /// <summary>The name of a label.</summary>
    /// <param name="tag">The tag's name.</param>
    public static string OfLabel(string tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        return Sanitise(tag, allowColon: false);
    }

    private static string Suffix(string? unit, MetricKind kind) => unit switch
    {
        "s" => "_seconds",
        "ms" => "_milliseconds",
        "us" => "_microseconds",
        "By" => "_bytes",
        "1" when kind == MetricKind.Gauge => "_ratio",
        // {streams} and the like only tell readers what is counted.
        _ => "",
    };

    private static string Sanitise(string name, bool allowColon)
    {
        var text = new StringBuilder(name.Length + 1);
        foreach (var letter in name)
        {
            var allowed = char.IsAsciiLetterOrDigit(letter) || letter == '_' || (allowColon && letter == ':');
            if (text.Length == 0 && char.IsAsciiDigit(letter))
                text.Append('_');
            text.Append(allowed ? letter : '_');
        }

        return text.Length == 0 ? "_" : text.ToString();
    }
}
