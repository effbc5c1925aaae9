using Envoy.Config.Core.V3;
using Envoy.Service.Metrics.V3;
using Google.Protobuf;
using Io.Prometheus.Client;

namespace SelfHeal.Benchmarks.Streams;

/// <summary>
/// A stats message of the shape that Envoy 1.40 was seen to send: busy clusters with about 65 counters and gauges and
/// four histograms in two forms each, idle clusters with seven stats, and the proxy's own.
/// </summary>
internal static class StatsMessages
{
    private static readonly string[] Read =
    [
        "upstream_rq_total", "upstream_rq_completed", "upstream_rq_5xx", "upstream_rq_4xx", "upstream_rq_retry",
        "upstream_rq_retry_success", "upstream_rq_retry_overflow", "retry.upstream_rq_5xx", "upstream_cx_total",
        "upstream_cx_connect_fail", "upstream_cx_overflow", "upstream_cx_pool_overflow", "upstream_rq_pending_overflow",
        "upstream_rq_rx_reset", "upstream_rq_timeout", "update_rejected",
    ];

    private static readonly string[] Idle =
    [
        "membership_change", "update_attempt", "update_success", "lb_subsets_created", "bind_errors",
    ];

    private static readonly string[] Histograms =
    [
        "upstream_rq_time", "upstream_cx_length_ms", "upstream_cx_connect_ms", "external.upstream_rq_time",
    ];

    /// <summary>Envoy's default buckets.</summary>
    private static readonly double[] Bounds =
    [
        0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
        3_600_000,
    ];

    /// <summary>One flush in one message.</summary>
    /// <param name="clusters">How many clusters, 20 characters each.</param>
    /// <param name="busy">How many of them carry traffic.</param>
    /// <param name="flush">Which flush: counters and timestamps grow with it.</param>
    public static byte[] Flush(int clusters, int busy, int flush)
    {
        var message = new StreamMetricsMessage();
        if (flush == 0)
        {
            message.Identifier = new StreamMetricsMessage.Types.Identifier
            {
                Node = new Node { Id = "envoy-1", Cluster = "gateway" },
            };
        }

        var millis = 1_700_000_000_000 + (flush * 5_000L);
        Add(message, "server.uptime", 100 + (flush * 5), isGauge: true, millis);
        Add(message, "server.live", 1, isGauge: true, millis);
        for (var cluster = 0; cluster < clusters; cluster++)
            AddCluster(message, cluster, cluster < busy, flush, millis);
        return message.ToByteArray();
    }

    public static int Samples(byte[] message) => StreamMetricsMessage.Parser.ParseFrom(message).EnvoyMetrics.Count;

    private static void AddCluster(StreamMetricsMessage message, int cluster, bool isBusy, int flush, long millis)
    {
        var prefix = $"cluster.service-{cluster:D5}.shop.";
        Add(message, prefix + "membership_total", 3, isGauge: true, millis);
        Add(message, prefix + "membership_healthy", 3, isGauge: true, millis);
        foreach (var name in Idle)
            Add(message, prefix + name, 1, isGauge: false, millis);
        if (!isBusy)
            return;
        foreach (var name in Read)
            Add(message, prefix + name, 1_000 + (flush * Rise(name, cluster)), isGauge: false, millis);

        for (var other = 0; other < 42; other++)
            Add(message, $"{prefix}other_counter_{other:D2}", flush, isGauge: false, millis);
        foreach (var name in Histograms)
            AddHistogram(message, prefix + name, millis);
    }

    /// <summary>What a counter gains from flush to flush: 100 requests a second, and a few failures in every tenth
    /// cluster. Nothing that a judge would suspect.</summary>
    private static int Rise(string name, int cluster) => name switch
    {
        "upstream_rq_total" or "upstream_rq_completed" => 500,
        "upstream_cx_total" => 20,
        "upstream_rq_5xx" or "upstream_rq_4xx" or "upstream_rq_retry" or "upstream_rq_retry_success"
            or "retry.upstream_rq_5xx" => cluster % 10 == 0 ? 1 : 0,
        _ => 0,
    };

    private static void Add(StreamMetricsMessage message, string name, double value, bool isGauge, long millis)
    {
        var metric = new Metric { TimestampMs = millis };
        if (isGauge)
            metric.Gauge = new Gauge { Value = value };
        else
            metric.Counter = new Counter { Value = value };
        AddFamily(message, name, isGauge ? MetricType.Gauge : MetricType.Counter, metric);
    }

    private static void AddHistogram(StreamMetricsMessage message, string name, long millis)
    {
        var summary = new Metric { TimestampMs = millis, Summary = new Summary { SampleCount = 10, SampleSum = 5 } };
        for (var quantile = 0; quantile < 10; quantile++)
            summary.Summary.Quantile.Add(new Quantile { Quantile_ = quantile / 10.0, Value = 1 });
        AddFamily(message, name, MetricType.Summary, summary);
        var histogram = new Metric { TimestampMs = millis, Histogram = new Histogram { SampleCount = 10 } };
        for (var bucket = 0; bucket < Bounds.Length; bucket++)
        {
            histogram.Histogram.Bucket.Add(
                new Bucket { CumulativeCount = (ulong)Math.Min(10, bucket * 2), UpperBound = Bounds[bucket] });
        }

        AddFamily(message, name, MetricType.Histogram, histogram);
    }

    private static void AddFamily(StreamMetricsMessage message, string name, MetricType type, Metric metric)
    {
        var family = new MetricFamily { Name = name, Type = type };
        family.Metric.Add(metric);
        message.EnvoyMetrics.Add(family);
    }
}
