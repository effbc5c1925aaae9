using System.ComponentModel.DataAnnotations;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>Where the upstream's own metrics are (Istiod: port 15014), and how often they are read.</summary>
internal sealed class UpstreamMetricsOptions
{
    /// <summary>
    /// The address of metrics in the Prometheus text format, such as http://istiod.istio-system:15014/metrics.
    /// Required.
    /// </summary>
    [Required]
    public string Address { get; init; } = "";

    /// <summary>The pause between two reads, which is also the longest that one may take. Default: 10s. Limits: 1s to
    /// 5m.</summary>
    [Limits("1s", "5m")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);
}
