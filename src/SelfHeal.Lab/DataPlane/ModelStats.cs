using System.Collections.Concurrent;
using System.Globalization;
using Envoy.Config.Cluster.V3;
using Io.Prometheus.Client;

namespace SelfHeal.Lab.DataPlane;

/// <summary>
/// The model's counters and gauges. As in Envoy a stat exists once it was touched, so a canary's first 5xx is a new
/// series; and each stat is one family with one metric, in the same order at every flush.
/// </summary>
internal sealed class ModelStats(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, ModelStat> _stats = new(StringComparer.Ordinal);
    private readonly long _start = time.GetTimestamp();

    public void Count(string name) => Stat(name, isGauge: false).Add(1);

    public void Count(string name, long amount) => Stat(name, isGauge: false).Add(amount);

    public void Move(string gauge, long amount) => Stat(gauge, isGauge: true).Add(amount);

    public void Set(string gauge, long value) => Stat(gauge, isGauge: true).Set(value);

    /// <summary>The value of a stat; 0 for one that was never touched.</summary>
    public long Value(string name) => _stats.TryGetValue(name, out var stat) ? stat.Value : 0;

    public void RequestStarted(string statPrefix)
    {
        Count($"http.{statPrefix}.downstream_rq_total");
        Move($"http.{statPrefix}.downstream_rq_active", 1);
    }

    public void RequestEnded(string statPrefix, int status)
    {
        Move($"http.{statPrefix}.downstream_rq_active", -1);
        Count($"http.{statPrefix}.downstream_rq_completed");
        Count($"http.{statPrefix}.downstream_rq_{Class(status)}");
    }

    public void UpstreamStarted(string cluster)
    {
        Count($"cluster.{cluster}.upstream_rq_total");
        Move($"cluster.{cluster}.upstream_rq_active", 1);
    }

    public void UpstreamEnded(string cluster) => Move($"cluster.{cluster}.upstream_rq_active", -1);

    /// <summary>A status that was sent on, whether the upstream gave it or the model itself on its behalf.</summary>
    public void UpstreamCompleted(string cluster, int status)
    {
        Count($"cluster.{cluster}.upstream_rq_completed");
        Count($"cluster.{cluster}.upstream_rq_{Class(status)}");
        Count(string.Create(CultureInfo.InvariantCulture, $"cluster.{cluster}.upstream_rq_{status}"));
    }

    public void UpdateAccepted(ModelResourceType type, ModelConfiguration held)
    {
        Count($"{UpdatePrefix(type)}.update_success");
        Set("cluster_manager.active_clusters", held.Of(ModelResourceType.Cluster).Count);
        Set("listener_manager.total_listeners_active", held.Of(ModelResourceType.Listener).Count);
        foreach (var (name, resource) in held.Of(ModelResourceType.Cluster))
        {
            if (held.Assignment((Cluster)resource.Message) is not { } assignment)
                continue;
            var members = assignment.Endpoints.Sum(locality => locality.LbEndpoints.Count);
            if (members != Value($"cluster.{name}.membership_total"))
                Count($"cluster.{name}.membership_change");
            Set($"cluster.{name}.membership_total", members);
            Set($"cluster.{name}.membership_healthy", ModelCluster.Addresses(assignment).Count);
        }
    }

    public void UpdateRejected(ModelResourceType type) => Count($"{UpdatePrefix(type)}.update_rejected");

    /// <summary>Every touched stat, absolute, stamped with one time.</summary>
    public List<MetricFamily> Snapshot()
    {
        Set("server.uptime", (long)time.GetElapsedTime(_start).TotalSeconds);
        Set("server.live", 1);
        var timestamp = time.GetUtcNow().ToUnixTimeMilliseconds();
        var ordered = _stats.Values.OrderBy(stat => stat.Name, StringComparer.Ordinal);
        return [.. ordered.Select(stat => Family(stat, timestamp))];
    }

    private static MetricFamily Family(ModelStat stat, long timestamp)
    {
        var metric = new Metric { TimestampMs = timestamp };
        if (stat.IsGauge)
            metric.Gauge = new Gauge { Value = stat.Value };
        else
            metric.Counter = new Counter { Value = stat.Value };
        return new MetricFamily
        {
            Name = stat.Name,
            Type = stat.IsGauge ? MetricType.Gauge : MetricType.Counter,
            Metric = { metric },
        };
    }

    private static string Class(int status) => string.Create(CultureInfo.InvariantCulture, $"{status / 100}xx");

    private static string UpdatePrefix(ModelResourceType type) => type switch
    {
        ModelResourceType.Cluster => "cluster_manager.cds",
        ModelResourceType.Endpoint => "cluster_manager.eds",
        ModelResourceType.Listener => "listener_manager.lds",
        ModelResourceType.Route => "http.rds",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "an unknown resource type"),
    };

    private ModelStat Stat(string name, bool isGauge) =>
        _stats.GetOrAdd(name, static (key, gauge) => new ModelStat(key, gauge), isGauge);
}
