using System.Diagnostics.Metrics;
using SelfHeal.Core.AccessLogs;
using SelfHeal.Core.Loads;
using SelfHeal.Sidecar.Judgement;

namespace SelfHeal.Sidecar.Traffic;

/// <summary>Shows what the control loop counted of load reports and access logs; every counter is an instrument.
/// </summary>
internal sealed class TrafficMeter
{
    private readonly Meter _meter;

    /// <summary>Registers the instruments; they live as long as the host.</summary>
    /// <param name="restored">The control loop.</param>
    /// <param name="meters">The host's factory.</param>
    public TrafficMeter(Restored restored, IMeterFactory meters)
        : this(restored.Loop.Loads, restored.Loop.AccessLogs, meters)
    {
    }

    internal TrafficMeter(LoadTable loads, AccessLogTable logs, IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(loads);
        ArgumentNullException.ThrowIfNull(logs);
        ArgumentNullException.ThrowIfNull(meters);
        _meter = meters.Create("SelfHeal.Traffic");
        var load = loads.Counters;
        Add("loads.reports", () => load.Reports, "Load reports taken by the control loop");
        Add("loads.lost_reports", () => load.LostReports,
            "Load reports that were posted and never came: the queue dropped them");
        Add("loads.stray_reports", () => load.StrayReports, "Load reports of a stream that is not open");
        Add("loads.refused_streams", () => load.RefusedStreams, "Load streams beyond the limit of the table");
        Add("loads.overflowed_rows", () => load.OverflowedRows, "Rows of load reports beyond loads.max_rows");
        Add("loads.repeated_clusters", () => load.RepeatedClusters, "Clusters that came twice in one load report");
        _meter.CreateObservableGauge("selfheal.loads.rows", () => loads.Rows, description: "Rows of load kept");
        var log = logs.Counters;
        Add("access_logs.batches", () => log.Batches, "Access log messages counted by the control loop");
        Add("access_logs.requests", () => log.Requests, "Requests counted from access logs");
        Add("access_logs.overflowed_requests", () => log.OverflowedRequests,
            "Requests counted in a row of their interval and not in one of their own: access_logs.max_rows");
        _meter.CreateObservableGauge(
            "selfheal.access_logs.rows", () => logs.Rows, description: "Rows of access log counts kept");
    }

    // The control thread writes the counters while a scrape reads them. Each is one aligned 64-bit integer, which our
    // platforms read whole, and a count that is one step old does no harm.
    private void Add(string name, Func<long> read, string description) =>
        _meter.CreateObservableCounter($"selfheal.{name}", read, description: description);
}
