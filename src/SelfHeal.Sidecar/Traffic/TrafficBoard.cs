using System.Collections.Immutable;
using System.Globalization;
using SelfHeal.Core.AccessLogs;
using SelfHeal.Core.Loads;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Config.Loading;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Traffic;

/// <summary>Answers the admin API from the control loop's tables.</summary>
/// <param name="options">Intervals.</param>
/// <param name="queries">How the loop is asked.</param>
/// <param name="board">What is served.</param>
internal sealed class TrafficBoard(SelfHealOptions options, ControlQueries queries, ServedBoard board) : ITrafficBoard
{
    // Some 3 MB of JSON.
    private const int LoadsMax = 10_000;

    // Three periods: one that is just over, one that is on its way, and one that may be late.
    private const int AgePeriods = 3;

    // A share from a single period of a quiet cluster jumps.
    private const int TrafficPeriods = 6;

    private const double Million = 1_000_000;

    /// <inheritdoc/>
    public bool CountsAccessLogs => options.AccessLogs.Enabled;

    private TimeSpan AgeMax => AgePeriods * options.Loads.ReportInterval;

    /// <inheritdoc/>
    public Task<LoadListing?> LoadsAsync(string? cluster, CancellationToken cancellationToken) => queries.AskAsync(
        (loop, now) =>
        {
            var (rows, leftOut) = loop.Loads.Newest(cluster, LoadsMax, now);
            return new LoadListing([.. rows.Select(Describe)], leftOut);
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<TrafficStatus?> TrafficAsync(string cluster, CancellationToken cancellationToken) => queries.AskAsync(
        (loop, now) => Describe(loop.Loads.Traffic(cluster, TrafficPeriods, AgeMax, now)), cancellationToken);

    /// <inheritdoc/>
    public Task<DrainStatus?> DrainAsync(string cluster, string endpoint, CancellationToken cancellationToken)
    {
        var isAssigned = board.All is { } snapshot && AssignmentReader.IsAssigned(snapshot, cluster, endpoint);
        var question = new DrainQuestion(cluster, endpoint, isAssigned, Since: null, AgeMax);
        return queries.AskAsync((loop, now) => Describe(question, loop.Loads.Ask(question, now)), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<AccessLogListing?> AccessLogsAsync(int intervals, CancellationToken cancellationToken) =>
        queries.AskAsync(
            (loop, now) => new AccessLogListing(
                options.AccessLogs.Interval.TotalSeconds,
                intervals,
                [.. loop.AccessLogs.Sum(intervals, now).Select(Describe)]),
            cancellationToken);

    private static LoadStatus Describe(ReportedLoad load)
    {
        var ended = load.Counts.Errors + load.Counts.Successful;
        return new LoadStatus(
            load.Node,
            load.Cluster,
            load.Locality.Region,
            load.Locality.Zone,
            load.Locality.SubZone,
            load.Priority,
            load.Endpoint,
            load.Counts.InProgress,
            load.Interval > TimeSpan.Zero ? Round(load.Counts.Issued / load.Interval.TotalSeconds) : null,
            ended == 0 ? null : Round(load.Counts.Errors / (double)ended),
            Round(load.Age.TotalSeconds));
    }

    private static TrafficStatus Describe(ClusterTraffic traffic) => new(
        traffic.Cluster,
        traffic.Reporting,
        traffic.Missing,
        Round(traffic.OldestAge.TotalSeconds),
        traffic.Dropped,
        traffic.DroppedByCategory.ToImmutableSortedDictionary(
            static d => d.Category, static d => d.Count, StringComparer.Ordinal),
        [.. traffic.Localities.Select(static l => new LocalityStatus(
            l.Locality.Region,
            l.Locality.Zone,
            l.Locality.SubZone,
            l.Priority,
            l.Counts.InProgress,
            l.Counts.Issued,
            l.SharePpm / Million,
            l.ErrorPpm / Million))]);

    private static DrainStatus Describe(DrainQuestion question, DrainEvidence evidence) => new(
        question.Cluster,
        question.Endpoint,
        evidence.Verdict,
        [.. evidence.Gaps.Select(static g => SnakeCase.Write(g.ToString()))],
        evidence.InProgress,
        [.. evidence.Proxies.Select(static p => new ProxyDrainStatus(
            p.Node, p.State, p.InProgress, p.Issued, p.Age is { } age ? Round(age.TotalSeconds) : null))]);

    private static AccessLogStatus Describe(AccessLogRow row)
    {
        var codes = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        for (var i = 0; i < row.CodeClasses.Length; i++)
        {
            if (row.CodeClasses[i] > 0)
                codes.Add(i == 0 ? "none" : string.Create(CultureInfo.InvariantCulture, $"{i}xx"), row.CodeClasses[i]);
        }

        return new AccessLogStatus(
            row.Key.Cluster,
            row.Key.Upstream,
            row.Key.Route,
            row.Requests,
            codes.ToImmutable(),
            row.Flags.ToImmutableSortedDictionary(
                static f => ResponseFlagCodes.Of(f.Flag), static f => f.Requests, StringComparer.Ordinal));
    }

    private static double Round(double value) => Math.Round(value, 4);
}
