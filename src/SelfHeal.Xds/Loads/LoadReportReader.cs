using System.Collections.Immutable;
using Envoy.Config.Endpoint.V3;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Core.Loads;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Loads;

/// <summary>
/// Turns the cluster stats of one message into values, or says which field is not what it must be. What is not read
/// (custom metrics, metadata) is not checked either.
/// </summary>
/// <param name="rowsMax">Clusters, localities, endpoints and drop categories of one report; more are an error.</param>
internal sealed class LoadReportReader(int rowsMax)
{
    // Far above what a proxy can do in a period, and small enough that no sum of a table's rows overflows.
    private const ulong CountMax = 1_000_000_000_000;

    // Envoy allows 128 priorities.
    private const uint PriorityMax = 128;

    // Istio's longest names have some hundred letters.
    private const int NameLengthMax = 4_096;

    // A stream that was down for long reports its whole outage as one period.
    private const long IntervalSecondsMax = 366L * 24 * 3600;

    private int _rows;
    private string _error = "";

    /// <summary>What is wrong; empty when nothing is.</summary>
    public string Error => _error;

    /// <summary>Whether a limit was passed, and not the form broken.</summary>
    public bool IsTooMuch { get; private set; }

    /// <summary>The clusters of a message; default when there is an error.</summary>
    /// <param name="stats">The field <c>cluster_stats</c>.</param>
    public ImmutableArray<ClusterLoad> Read(RepeatedField<ClusterStats> stats)
    {
        var clusters = ImmutableArray.CreateBuilder<ClusterLoad>(stats.Count);
        for (var i = 0; i < stats.Count; i++)
        {
            if (Read(stats[i], $"cluster_stats[{i}]") is not { } cluster)
                return default;
            clusters.Add(cluster);
        }

        return clusters.MoveToImmutable();
    }

    private ClusterLoad? Read(ClusterStats stats, string path)
    {
        if (!Takes(path) || !IsName(stats.ClusterName, 1, $"{path}.cluster_name")
            || Interval(stats.LoadReportInterval, $"{path}.load_report_interval") is not { } interval
            || Count(stats.TotalDroppedRequests, $"{path}.total_dropped_requests") is not { } total)
            return null;
        var dropped = ImmutableArray.CreateBuilder<DroppedLoad>(stats.DroppedRequests.Count);
        for (var i = 0; i < stats.DroppedRequests.Count; i++)
        {
            var drop = stats.DroppedRequests[i];
            var at = $"{path}.dropped_requests[{i}]";
            if (!Takes(at) || !IsName(drop.Category, 0, $"{at}.category")
                || Count(drop.DroppedCount, $"{at}.dropped_count") is not { } count)
                return null;
            dropped.Add(new DroppedLoad(drop.Category, count));
        }

        var localities = ImmutableArray.CreateBuilder<LocalityLoad>(stats.UpstreamLocalityStats.Count);
        for (var i = 0; i < stats.UpstreamLocalityStats.Count; i++)
        {
            if (Read(stats.UpstreamLocalityStats[i], $"{path}.upstream_locality_stats[{i}]") is not { } locality)
                return null;
            localities.Add(locality);
        }

        return new ClusterLoad(
            stats.ClusterName, interval, total, dropped.MoveToImmutable(), localities.MoveToImmutable());
    }

    private LocalityLoad? Read(UpstreamLocalityStats stats, string path)
    {
        var region = stats.Locality?.Region ?? "";
        var zone = stats.Locality?.Zone ?? "";
        var subZone = stats.Locality?.SubZone ?? "";
        if (!Takes(path)
            || !IsName(region, 0, $"{path}.locality.region")
            || !IsName(zone, 0, $"{path}.locality.zone")
            || !IsName(subZone, 0, $"{path}.locality.sub_zone")
            || Counts(
                stats.TotalIssuedRequests,
                stats.TotalRequestsInProgress,
                stats.TotalSuccessfulRequests,
                stats.TotalErrorRequests,
                path) is not { } counts)
            return null;
        if (stats.Priority > PriorityMax)
            return Fail<LocalityLoad>($"{path}.priority: {stats.Priority}, expected 0 to {PriorityMax}");
        var endpoints = ImmutableArray.CreateBuilder<EndpointLoad>(stats.UpstreamEndpointStats.Count);
        for (var i = 0; i < stats.UpstreamEndpointStats.Count; i++)
        {
            if (Read(stats.UpstreamEndpointStats[i], $"{path}.upstream_endpoint_stats[{i}]") is not { } endpoint)
                return null;
            endpoints.Add(endpoint);
        }

        return new LocalityLoad(
            new LocalityName(region, zone, subZone), (int)stats.Priority, counts, endpoints.MoveToImmutable());
    }

    private EndpointLoad? Read(UpstreamEndpointStats stats, string path)
    {
        var address = AddressText.Of(stats.Address);
        if (!Takes(path) || !IsName(address, 0, $"{path}.address"))
            return null;
        if (address.Length == 0)
        {
            _error = $"{path}.address: missing or of a kind that is not known, "
                + "expected socket_address, pipe or envoy_internal_address";
            return null;
        }

        return Counts(
            stats.TotalIssuedRequests,
            stats.TotalRequestsInProgress,
            stats.TotalSuccessfulRequests,
            stats.TotalErrorRequests,
            path) is { } counts ? new EndpointLoad(address, counts) : null;
    }

    private LoadCounts? Counts(ulong issued, ulong inProgress, ulong successful, ulong errors, string path) =>
        Count(issued, $"{path}.total_issued_requests") is { } i
        && Count(inProgress, $"{path}.total_requests_in_progress") is { } p
        && Count(successful, $"{path}.total_successful_requests") is { } s
        && Count(errors, $"{path}.total_error_requests") is { } e
            ? new LoadCounts(i, p, s, e)
            : null;

    private long? Count(ulong value, string path)
    {
        if (value <= CountMax)
            return (long)value;
        _error = $"{path}: {value}, expected 0 to {CountMax}";
        return null;
    }

    private TimeSpan? Interval(Duration? interval, string path)
    {
        if (interval is null)
            return TimeSpan.Zero;
        if (interval is { Seconds: >= 0 and <= IntervalSecondsMax, Nanos: >= 0 and <= 999_999_999 })
            return new TimeSpan((interval.Seconds * TimeSpan.TicksPerSecond) + (interval.Nanos / 100));
        _error = $"{path}: {interval.Seconds} s and {interval.Nanos} ns, expected 0 s to {IntervalSecondsMax} s";
        return null;
    }

    private bool IsName(string name, int lengthMin, string path)
    {
        if (name.Length >= lengthMin && name.Length <= NameLengthMax)
            return true;
        _error = $"{path}: {name.Length} characters, expected {lengthMin} to {NameLengthMax}";
        return false;
    }

    private bool Takes(string path)
    {
        if (++_rows <= rowsMax)
            return true;
        IsTooMuch = true;
        _error = $"{path}: expected at most {rowsMax} clusters, localities and endpoints in one report";
        return false;
    }

    private T? Fail<T>(string error)
        where T : class
    {
        _error = error;
        return null;
    }
}
