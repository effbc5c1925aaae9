using System.Collections.Immutable;
using SelfHeal.Core.Time;

namespace SelfHeal.Core.Loads;

/// <content>What is asked of the table.</content>
public sealed partial class LoadTable
{
    private const int Million = 1_000_000;

    private static readonly Comparer<(LocalityName Locality, int Priority)> PlaceOrder =
        Comparer<(LocalityName Locality, int Priority)>.Create(static (a, b) =>
            LocalityName.Order.Compare(a.Locality, b.Locality) is var order and not 0
                ? order
                : a.Priority.CompareTo(b.Priority));

    /// <summary>
    /// Whether an endpoint has no request left. It has none only if every proxy that is connected, or was until a short
    /// while ago, and has the cluster, says so in time; anything less is no evidence.
    /// </summary>
    /// <param name="question">About which endpoint, and how old reports may be.</param>
    /// <param name="now">The time of the step.</param>
    public DrainEvidence Ask(DrainQuestion question, ControlTime now)
    {
        ArgumentNullException.ThrowIfNull(question);
        ForgetDeparted(now);
        var proxies = ImmutableArray.CreateBuilder<ProxyDrain>();
        foreach (var (node, streams) in StreamsByNode())
            proxies.AddRange(streams.Count == 0 ? [new ProxyDrain(node, ProxyDrainState.Silent, 0, 0, null)]
                : Judge(streams, question, now));
        foreach (var (node, since) in _departed)
            proxies.Add(new ProxyDrain(node, ProxyDrainState.Departed, 0, 0, now.Since(since)));
        proxies.Sort(static (a, b) => string.CompareOrdinal(a.Node, b.Node));

        var gaps = Gaps(question, proxies, now);
        var inProgress = proxies.Sum(static p => p.InProgress);
        var verdict = proxies.Any(static p => p.State == ProxyDrainState.Busy) ? DrainVerdict.Busy
            : gaps.IsEmpty ? DrainVerdict.Drained
            : DrainVerdict.NoEvidence;
        return new DrainEvidence(verdict, gaps, inProgress, proxies.ToImmutable());
    }

    /// <summary>A cluster's traffic by locality, over the last periods of every proxy that reports it.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="periods">How many periods of each proxy, counted back from its last; at least 1.</param>
    /// <param name="ageMax">How old a proxy's last report may be.</param>
    /// <param name="now">The time of the step.</param>
    public ClusterTraffic Traffic(string cluster, int periods, TimeSpan ageMax, ControlTime now)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(periods);
        var sums =
            new SortedDictionary<(LocalityName Locality, int Priority), LoadCounts>(PlaceOrder);
        var dropped = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var totalDropped = 0L;
        var reporting = 0;
        var missing = 0;
        var oldest = TimeSpan.Zero;
        foreach (var (_, streams) in StreamsByNode())
        {
            var newest = streams.Count == 0 ? null : streams[0];
            if (newest is { Unbroken: > 1, IsCutShort: false } && !newest.Clusters.ContainsKey(cluster))
                continue; // It does not have the cluster.
            if (newest is null
                || !newest.Clusters.TryGetValue(cluster, out var track)
                || track.Sequence != newest.Sequence
                || track.IsCutShort
                || now.Since(track.Received) > ageMax)
            {
                missing++;
                continue;
            }

            reporting++;
            oldest = now.Since(track.Received) > oldest ? now.Since(track.Received) : oldest;
            foreach (var (load, _) in track.Periods.Skip(track.Periods.Count - periods))
            {
                totalDropped += load.Dropped;
                foreach (var (category, count) in load.DroppedByCategory)
                    dropped[category] = dropped.GetValueOrDefault(category) + count;
                AddLocalities(sums, load, isNewest: ReferenceEquals(load, track.Newest));
            }
        }

        return new ClusterTraffic(
            cluster,
            reporting,
            missing,
            oldest,
            totalDropped,
            [.. dropped.Select(static d => new DroppedLoad(d.Key, d.Value))],
            Shares(sums));
    }

    /// <summary>What every open stream reported last, by node, cluster, locality, priority and endpoint.</summary>
    /// <param name="cluster">Only this cluster; null: every one.</param>
    /// <param name="limit">At most so many rows.</param>
    /// <param name="now">The time of the step.</param>
    /// <returns>The rows, and how many there are beyond the limit.</returns>
    public (ImmutableArray<ReportedLoad> Rows, int LeftOut) Newest(string? cluster, int limit, ControlTime now)
    {
        var rows = ImmutableArray.CreateBuilder<ReportedLoad>();
        var leftOut = 0;
        foreach (var (_, streams) in StreamsByNode())
        {
            if (streams.Count == 0)
                continue;
            foreach (var (name, track) in streams[0].Clusters)
            {
                if ((cluster is not null && cluster != name) || track.Newest is not { } load)
                    continue;
                foreach (var row in RowsOf(streams[0].Node, load, now.Since(track.Received)))
                {
                    if (rows.Count < limit)
                        rows.Add(row);
                    else
                        leftOut++;
                }
            }
        }

        return (rows.ToImmutable(), leftOut);
    }

    private static IEnumerable<ReportedLoad> RowsOf(string node, ClusterLoad load, TimeSpan age)
    {
        foreach (var locality in load.Localities
            .OrderBy(static l => l.Locality, LocalityName.Order).ThenBy(static l => l.Priority))
        {
            yield return Row("", locality.Counts);
            foreach (var endpoint in locality.Endpoints.OrderBy(static e => e.Address, StringComparer.Ordinal))
                yield return Row(endpoint.Address, endpoint.Counts);

            ReportedLoad Row(string endpoint, LoadCounts counts) => new(
                node, load.Cluster, locality.Locality, locality.Priority, endpoint, counts, load.Interval, age);
        }
    }

    /// <summary>Every connected proxy with its streams, the newest first; one without any is silent.</summary>
    private SortedDictionary<string, List<LoadStream>> StreamsByNode()
    {
        var byNode = new SortedDictionary<string, List<LoadStream>>(StringComparer.Ordinal);
        foreach (var node in _connected.Keys)
            byNode.Add(node, []);
        foreach (var stream in _streams.Values.Reverse())
            byNode[stream.Node].Add(stream);
        return byNode;
    }

    /// <summary>
    /// The newest stream of a node counts. An older one may be what a lost connection left behind; while it still
    /// reports it is another proxy under the same name, and then counts too.
    /// </summary>
    private static IEnumerable<ProxyDrain> Judge(List<LoadStream> streams, DrainQuestion question, ControlTime now)
    {
        yield return Judge(streams[0], question, now);
        foreach (var stream in streams.Skip(1))
        {
            if (stream.Sequence > 0 && now.Since(stream.Received) <= question.AgeMax)
                yield return Judge(stream, question, now);
        }
    }

    private static ProxyDrain Judge(LoadStream stream, DrainQuestion question, ControlTime now)
    {
        if (stream.Sequence == 0)
            return new ProxyDrain(stream.Node, ProxyDrainState.Silent, 0, 0, null);
        var age = now.Since(stream.Received);
        if (!stream.Clusters.TryGetValue(question.Cluster, out var track))
        {
            // Envoy names a new cluster only from the second report on.
            var without = age > question.AgeMax ? ProxyDrainState.Stale
                : stream.IsCutShort ? ProxyDrainState.Unattributed
                : stream.Unbroken > 1 ? ProxyDrainState.WithoutCluster
                : ProxyDrainState.Silent;
            return new ProxyDrain(stream.Node, without, 0, 0, age);
        }

        var (inProgress, issued, isKnown) = track.Find(question.Endpoint);
        var state = age > question.AgeMax ? ProxyDrainState.Stale
            : track.Sequence != stream.Sequence ? ProxyDrainState.ClusterGone
            : track.IsCutShort ? ProxyDrainState.Unattributed
            : isKnown && inProgress + issued > 0 ? ProxyDrainState.Busy
            : track.HasUnattributed ? ProxyDrainState.Unattributed
            : !isKnown ? ProxyDrainState.Unreported
            : IsEarly(track, question.Since) ? ProxyDrainState.Early
            : ProxyDrainState.Idle;
        return new ProxyDrain(stream.Node, state, inProgress, issued, age);
    }

    /// <summary>
    /// A report is taken late by its time on the way, so that its arrival alone does not say that its snapshot was
    /// taken after the endpoint stopped getting requests. Its whole period must lie behind that moment.
    /// </summary>
    private static bool IsEarly(ClusterTrack track, ControlTime? since) =>
        since is { } moment
        && (track.Newest is not { Interval.Ticks: > 0 } load || track.Received.Since(moment) < load.Interval);

    private ImmutableArray<DrainGap> Gaps(
        DrainQuestion question, ImmutableArray<ProxyDrain>.Builder proxies, ControlTime now)
    {
        var gaps = ImmutableArray.CreateBuilder<DrainGap>();
        if (proxies.Count == 0)
            gaps.Add(DrainGap.NoProxy);
        if (!question.IsAssigned)
            gaps.Add(DrainGap.NotAssigned);
        if (now.Since(_start) < _options.DepartureGrace)
            gaps.Add(DrainGap.JustStarted);
        if (_beyondLimit is { } beyond && now.Since(beyond) <= _options.DepartureGrace)
            gaps.Add(DrainGap.BeyondLimit);
        if (proxies.Count > 0 && proxies.All(static p => p.State == ProxyDrainState.WithoutCluster))
            gaps.Add(DrainGap.ClusterUnknown);
        if (proxies.Any(static p => p.State is not (
            ProxyDrainState.Idle or ProxyDrainState.WithoutCluster or ProxyDrainState.Busy)))
            gaps.Add(DrainGap.ProxyUnknown);
        return gaps.ToImmutable();
    }

    private static void AddLocalities(
        SortedDictionary<(LocalityName Locality, int Priority), LoadCounts> sums, ClusterLoad load, bool isNewest)
    {
        foreach (var locality in load.Localities)
        {
            var key = (locality.Locality, locality.Priority);
            // What is under way is a snapshot: only the last one counts.
            var counts = isNewest ? locality.Counts : locality.Counts with { InProgress = 0 };
            sums[key] = sums.GetValueOrDefault(key).Plus(counts);
        }
    }

    private static ImmutableArray<LocalityShare> Shares(
        SortedDictionary<(LocalityName Locality, int Priority), LoadCounts> sums)
    {
        var issued = sums.Values.Sum(static c => c.Issued);
        return [.. sums.Select(pair => new LocalityShare(
            pair.Key.Locality,
            pair.Key.Priority,
            pair.Value,
            Ppm(pair.Value.Issued, issued) ?? 0,
            Ppm(pair.Value.Errors, pair.Value.Errors + pair.Value.Successful)))];
    }

    private static int? Ppm(long part, long whole) => whole == 0 ? null : (int)((Int128)part * Million / whole);
}
