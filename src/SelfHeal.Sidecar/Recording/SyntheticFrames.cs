using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SelfHeal.Sidecar.Recording;

/// <summary>
/// Messages of a gateway with many busy clusters, as Envoy sends them: one family per stat, in the same order at every
/// flush. The message is laid out once and only numbers change in it, so that hours of them can be made in seconds.
/// Equal arguments give equal bytes.
/// </summary>
internal sealed class SyntheticFrames
{
    /// <summary>The stats of one cluster that had traffic.</summary>
    public const int SeriesPerCluster = 65;

    private const long NanosPerMilli = 1_000_000;
    private const int CounterField = (3 << 3) | 2;
    private const int GaugeField = (2 << 3) | 2;
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    // Those that traffic moves at every flush, and by how much for a thousand requests; the other counters of a healthy
    // cluster moved once and then stood.
    private static readonly (string Stat, int PerMille)[] Busy =
    [
        ("upstream_rq_total", 1_000), ("upstream_rq_completed", 1_000), ("external.upstream_rq_completed", 1_000),
        ("upstream_rq_2xx", 990), ("upstream_rq_200", 990), ("external.upstream_rq_2xx", 990),
        ("external.upstream_rq_200", 990), ("upstream_rq_4xx", 10), ("upstream_rq_404", 10),
        ("external.upstream_rq_4xx", 10), ("upstream_cx_rx_bytes_total", 700_000),
        ("upstream_cx_tx_bytes_total", 400_000), ("upstream_rq_retry", 1), ("upstream_rq_retry_success", 1),
        ("upstream_cx_total", 20), ("upstream_cx_http1_total", 20), ("upstream_cx_destroy", 20),
        ("upstream_cx_destroy_local", 20), ("lb_zone_routing_all_directly", 1_000),
    ];

    private static readonly string[] Failing = ["upstream_rq_5xx", "upstream_rq_503", "external.upstream_rq_5xx"];

    private static readonly string[] Quiet =
    [
        "assignment_stale", "assignment_timeout_received", "bind_errors", "default.total_match_count", "http1.dropped",
        "lb_healthy_panic", "lb_local_cluster_not_ok", "lb_recalculate_zone_structures", "lb_subsets_created",
        "lb_zone_cluster_too_small", "lb_zone_no_capacity_left", "membership_change", "original_dst_host_invalid",
        "retry_or_shadow_abandoned", "update_attempt", "update_success", "update_failure", "update_rejected",
        "upstream_cx_connect_fail", "upstream_cx_connect_timeout", "upstream_cx_none_healthy", "upstream_cx_overflow",
        "upstream_cx_pool_overflow", "upstream_cx_protocol_error", "upstream_flow_control_paused_reading_total",
        "upstream_rq_cancelled", "upstream_rq_pending_failure_eject", "upstream_rq_pending_overflow",
        "upstream_rq_retry_overflow", "upstream_rq_rx_reset", "upstream_rq_timeout", "upstream_rq_tx_reset",
    ];

    private static readonly string[] Gauges =
    [
        "circuit_breakers.default.cx_open", "circuit_breakers.default.rq_open", "lb_subsets_active", "max_host_weight",
        "membership_degraded", "membership_excluded", "membership_healthy", "membership_total", "upstream_cx_active",
        "upstream_rq_active", "version",
    ];

    private readonly ArrayBufferWriter<byte> _layout = new();
    private readonly List<(int Value, int Timestamp, int PerMille, bool IsFailing)> _places = [];
    private readonly int[] _requests;
    private readonly byte[] _message;
    private readonly byte[] _identifier;
    private readonly long[] _values;
    private readonly int _clusters;
    private readonly int _firstLength;
    private ulong _random;

    /// <summary>A gateway that has just started.</summary>
    /// <param name="clusters">How many clusters have traffic.</param>
    /// <param name="seed">Draws how much.</param>
    public SyntheticFrames(int clusters, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(clusters);
        _clusters = clusters;
        _random = seed;
        _requests = new int[clusters];
        foreach (var (name, perMille) in Busy)
            AddFamilies(name, CounterField, perMille, isFailing: false);
        foreach (var name in Failing)
            AddFamilies(name, CounterField, perMille: 0, isFailing: true);
        foreach (var name in Quiet)
            AddFamilies(name, CounterField, perMille: 0, isFailing: false);
        foreach (var name in Gauges)
            AddFamilies(name, GaugeField, perMille: 0, isFailing: false);
        _identifier = new byte[] { 0x0A, 13, 0x0A, 11, 0x0A, 9 }.Concat("synthetic"u8.ToArray()).ToArray();
        _message = [.. _identifier, .. _layout.WrittenSpan];
        _firstLength = _message.Length;
        _values = new long[_places.Count];
        for (var i = 0; i < _values.Length; i++)
            _values[i] = 1 + Draw(3);
    }

    /// <summary>Names of the stats of one cluster.</summary>
    public static IEnumerable<string> Stats => [.. Busy.Select(static b => b.Stat), .. Failing, .. Quiet, .. Gauges];

    /// <summary>The next flush of the stream.</summary>
    /// <param name="unixNanos">When its snapshot was taken.</param>
    /// <param name="failingClusters">How many clusters, from the first, fail a third of their requests.</param>
    /// <param name="isFirst">Whether the stream begins with it, and it says who sends.</param>
    /// <returns>The message; valid until the next call.</returns>
    public ReadOnlySequence<byte> Next(long unixNanos, int failingClusters, bool isFirst)
    {
        // Hot path: allocation-free.
        var millis = unixNanos / NanosPerMilli;
        var message = _message.AsSpan(_identifier.Length);
        for (var cluster = 0; cluster < _clusters; cluster++)
            _requests[cluster] = 900 + Draw(200);
        for (var i = 0; i < _places.Count; i++)
        {
            var place = _places[i];
            var cluster = i % _clusters;
            if (place.PerMille > 0)
                _values[i] += (((long)_requests[cluster] * place.PerMille) + Draw(1_000)) / 1_000;
            else if (place.IsFailing && cluster < failingClusters)
                _values[i] += _requests[cluster] / 3;
            BinaryPrimitives.WriteDoubleLittleEndian(message[place.Value..], _values[i]);
            PutMillis(message[place.Timestamp..], millis);
        }

        return isFirst
            ? new ReadOnlySequence<byte>(_message, 0, _firstLength)
            : new ReadOnlySequence<byte>(_message, _identifier.Length, _message.Length - _identifier.Length);
    }

    private static void PutMillis(Span<byte> destination, long millis)
    {
        // Six bytes hold every time from 2004 to 2109.
        for (var i = 0; i < 5; i++)
            destination[i] = (byte)((millis >> (7 * i)) | 0x80);
        destination[5] = (byte)(millis >> 35);
    }

    private int Draw(int bound)
    {
        _random += GoldenGamma;
        var mixed = (_random ^ (_random >> 30)) * 0xBF58476D1CE4E5B9;
        mixed ^= mixed >> 27;
        return (int)(((mixed >> 32) * (ulong)bound) >> 32);
    }

    /// <summary>One family per cluster: { name, type, metric { counter or gauge { value }, timestamp_ms } }.</summary>
    private void AddFamilies(string stat, int valueField, int perMille, bool isFailing)
    {
        for (var cluster = 0; cluster < _clusters; cluster++)
        {
            var name = Encoding.UTF8.GetBytes($"cluster.service-{cluster:D4}.{stat}");
            const int ValueLength = 1 + 8;
            const int MetricLength = 2 + ValueLength + 1 + 6;
            var length = 2 + name.Length + 2 + 2 + MetricLength;
            Put(0x12);
            if (length >= 0x80)
                Put((byte)(length | 0x80), (byte)(length >> 7));
            else
                Put((byte)length);
            Put(0x0A, (byte)name.Length);
            _layout.Write(name);
            var type = (byte)(valueField == GaugeField ? 1 : 0);
            Put(0x18, type, 0x22, MetricLength, (byte)valueField, ValueLength, 0x09);
            var value = _layout.WrittenCount;
            Put(0, 0, 0, 0, 0, 0, 0, 0, 0x30);
            _places.Add((value, _layout.WrittenCount, perMille, isFailing));
            Put(0, 0, 0, 0, 0, 0);
        }
    }

    private void Put(params ReadOnlySpan<byte> bytes) => _layout.Write(bytes);
}
