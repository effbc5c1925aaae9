namespace SelfHeal.Sidecar.Upstream;

/// <summary>Why a text is not in the Prometheus text format, or does not say what it must.</summary>
/// <param name="Line">Where, from 1.</param>
/// <param name="Expected">What should have stood there.</param>
internal sealed record PrometheusTextError(int Line, string Expected)
{
    /// <inheritdoc/>
    public override string ToString() => $"line {Line}: expected {Expected}";
}
