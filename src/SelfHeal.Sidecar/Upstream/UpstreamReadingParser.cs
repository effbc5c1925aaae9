using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SelfHeal.Sidecar.Upstream;

/// <summary>
/// Picks what is wanted out of Istiod's metrics. The gauges <c>pilot_xds_*_reject</c> are left alone: they count the
/// same as <c>pilot_total_xds_rejects</c>, by node.
/// </summary>
internal sealed class UpstreamReadingParser
{
    // Istiod has a dozen short names, and falls back to the type's URL for others. What is past this number is counted
    // as one, so that no upstream can make us hold more.
    private const int TypesMax = 16;
    private const string OtherTypes = "other";

    // What a double holds exactly; an upstream that counts a million times a second gets there after 285 years.
    private const double CountMax = 1L << 53;

    private readonly UpstreamReading _reading = new();
    private readonly HashSet<string> _series = new(StringComparer.Ordinal);
    private bool _isPilot;

    private UpstreamReadingParser()
    {
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">All of it.</param>
    /// <param name="reading">What it says.</param>
    /// <param name="error">What is wrong with it.</param>
    /// <returns>Whether nothing is.</returns>
    public static bool TryRead(
        ReadOnlySpan<byte> text,
        [NotNullWhen(true)] out UpstreamReading? reading,
        [NotNullWhen(false)] out PrometheusTextError? error)
    {
        var parser = new UpstreamReadingParser();
        error = parser.Read(text);
        reading = error is null ? parser._reading : null;
        return error is null;
    }

    private PrometheusTextError? Read(ReadOnlySpan<byte> text)
    {
        var samples = new PrometheusTextReader(text);
        while (samples.TryRead())
        {
            _isPilot |= samples.Family.StartsWith("pilot_", StringComparison.Ordinal);
            if (Take(samples) is { } expected)
                return new PrometheusTextError(samples.Line, expected);
        }

        if (samples.Error is not null)
            return samples.Error;
        if (!_isPilot)
            return new PrometheusTextError(samples.Line, "metrics of Istiod, whose names begin with pilot_");
        return _reading.Convergence.IsWhole
            ? null
            : new PrometheusTextError(samples.Line, "a bucket +Inf of pilot_proxy_convergence_time");
    }

    /// <summary>Takes a sample if it is wanted.</summary>
    /// <returns>What was expected instead; null where nothing is wrong.</returns>
    private string? Take(in PrometheusTextReader sample)
    {
        switch (sample.Family)
        {
            case "pilot_total_xds_rejects":
                return Check(sample, PrometheusType.Counter) ?? TakeRejects(sample);
            case "pilot_xds_pushes":
                return Check(sample, PrometheusType.Counter) ?? TakePushes(sample);
            case "pilot_xds_push_errors":
                _reading.PushErrors += sample.Value;
                return Check(sample, PrometheusType.Counter);
            case "pilot_total_xds_internal_errors":
                _reading.InternalErrors += sample.Value;
                return Check(sample, PrometheusType.Counter);
            case "pilot_xds_write_timeout" or "pilot_xds_push_timeout":
                _reading.Timeouts += sample.Value;
                return Check(sample, PrometheusType.Counter);
            case "pilot_xds":
                _reading.ConnectedProxies += sample.Value; // By the version of the proxies.
                return Check(sample, PrometheusType.Gauge);
            case "pilot_proxy_convergence_time" when sample.Suffix == "_bucket":
                return Check(sample, PrometheusType.Histogram) ?? TakeBucket(sample);
            case "pilot_proxy_convergence_time":
                return CheckType(sample, PrometheusType.Histogram);
            case "process_start_time_seconds":
                _reading.StartedSeconds = sample.Value;
                return Check(sample, PrometheusType.Gauge);
            default:
                return null;
        }
    }

    private string? TakeRejects(in PrometheusTextReader sample)
    {
        var type = sample.TryGetLabel("type", out var label) ? label : "";
        var isName = type.Length <= 128 && type.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '/');
        if (!isName || (_reading.Rejects.Count >= TypesMax && !_reading.Rejects.ContainsKey(type)))
            type = OtherTypes;
        _reading.Rejects[type] = _reading.Rejects.GetValueOrDefault(type) + sample.Value;
        return null;
    }

    /// <summary>Istiod counts what it could not send, or build, among its pushes: <c>cds_senderr</c>.</summary>
    private string? TakePushes(in PrometheusTextReader sample)
    {
        var isError = sample.TryGetLabel("type", out var type)
            && (type.EndsWith("_senderr", StringComparison.Ordinal)
                || type.EndsWith("_builderr", StringComparison.Ordinal));
        if (isError)
            _reading.PushErrors += sample.Value;
        else
            _reading.Pushes += sample.Value;
        return null;
    }

    private string? TakeBucket(in PrometheusTextReader sample)
    {
        if (!sample.TryGetLabel("le", out var le))
            return "the label le of a bucket";
        var edge = double.NaN;
        if (le == "+Inf")
            edge = double.PositiveInfinity;
        else if (double.TryParse(le, NumberStyles.Float, CultureInfo.InvariantCulture, out var finite))
            edge = double.IsFinite(finite) ? finite : double.NaN;
        return _reading.Convergence.Add(edge, sample.Value);
    }

    /// <summary>What holds for every series that is wanted.</summary>
    private string? Check(in PrometheusTextReader sample, PrometheusType type)
    {
        if (!(sample.Value >= 0 && sample.Value <= CountMax))
            return "a value from 0 to 2^53";
        if (!_series.Add(sample.Series()))
            return $"each series once, not {sample.Series()} twice";
        return CheckType(sample, type);
    }

    private static string? CheckType(in PrometheusTextReader sample, PrometheusType type) =>
        sample.Type == type || sample.Type == PrometheusType.Untyped
            ? null
            : $"{sample.Family} to be a {type.ToString().ToLowerInvariant()}";
}
