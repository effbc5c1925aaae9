using SelfHeal.Core.Time;

namespace SelfHeal.Core.Loads;

/// <summary>
/// What Envoys report over LRS: requests issued, under way and completed, by cluster, locality and endpoint. Counts are
/// those of the period since the report before; requests under way are a snapshot at its end. Nothing outlives the
/// stream that it came on.
/// </summary>
public sealed partial class LoadTable
{
    private readonly LoadTableOptions _options;
    private readonly ControlTime _start;
    private readonly SortedDictionary<long, LoadStream> _streams = [];
    private readonly SortedDictionary<string, int> _connected = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ControlTime> _departed = new(StringComparer.Ordinal);
    private ControlTime? _beyondLimit;
    private long _rows;

    /// <summary>An empty table.</summary>
    /// <param name="options">How much is kept.</param>
    /// <param name="start">The time of the start.</param>
    public LoadTable(LoadTableOptions options, ControlTime start)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.StreamLimit);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.RowLimit);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Periods);
        _options = options;
        _start = start;
    }

    /// <summary>What it counted.</summary>
    public LoadCounters Counters { get; } = new();

    /// <summary>Rows kept now; never more than the limit.</summary>
    public long Rows => _rows;

    /// <summary>A proxy has connected for its configuration: from now on its reports are waited for.</summary>
    /// <param name="node">Its node id.</param>
    public void OnProxyConnected(string node)
    {
        ArgumentNullException.ThrowIfNull(node);
        Connect(node);
    }

    /// <summary>A proxy's last configuration stream ended.</summary>
    /// <param name="node">Its node id.</param>
    /// <param name="now">The time of the step.</param>
    public void OnProxyDisconnected(string node, ControlTime now)
    {
        ArgumentNullException.ThrowIfNull(node);
        Disconnect(node, now);
    }

    /// <summary>A stream was opened and has said who it is.</summary>
    /// <param name="stream">Unique within the process.</param>
    /// <param name="node">The proxy.</param>
    /// <param name="absence">What it means when the proxy leaves a locality out.</param>
    /// <param name="now">The time of the step.</param>
    public void OnStreamOpened(long stream, string node, LoadAbsence absence, ControlTime now)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (_streams.Count >= _options.StreamLimit)
        {
            Counters.RefusedStreams++;
            _beyondLimit = now;
            return;
        }

        Invariant.Assert(_streams.TryAdd(stream, new LoadStream(node, absence)), "a load stream is opened once");
        Connect(node);
    }

    /// <summary>A stream ended; what it said goes with it.</summary>
    /// <param name="stream">Unique within the process; one that was refused is no error.</param>
    /// <param name="now">The time of the step.</param>
    public void OnStreamClosed(long stream, ControlTime now)
    {
        if (!_streams.Remove(stream, out var closed))
            return;
        _rows -= closed.Rows;
        Disconnect(closed.Node, now);
    }

    /// <summary>A report came.</summary>
    /// <param name="report">What it says.</param>
    /// <param name="now">The time of the step.</param>
    public void OnReport(LoadReport report, ControlTime now)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (!_streams.TryGetValue(report.Stream, out var stream))
        {
            // The stream was refused, and what it has under way is not known.
            Counters.StrayReports++;
            _beyondLimit = now;
            return;
        }

        Invariant.Assert(report.Sequence > stream.Sequence, "reports of a stream come in order");
        Counters.Reports++;
        var lost = stream.Take(report.Sequence, now);
        Counters.LostReports += lost;
        foreach (var load in report.Clusters)
            Take(stream, load, lost > 0, now);
        _rows -= stream.Forget(_options.DepartureGrace, now);
    }

    private void Take(LoadStream stream, ClusterLoad load, bool wasLost, ControlTime now)
    {
        var isKnown = stream.Clusters.TryGetValue(load.Cluster, out var track);
        if (track?.Sequence == stream.Sequence)
        {
            Counters.RepeatedClusters++;
            return;
        }

        // Twice, since every endpoint is also followed on its own.
        if (_rows + (2 * load.Rows) > _options.RowLimit)
        {
            Counters.OverflowedRows += load.Rows;
            stream.IsCutShort |= !isKnown;
            track?.CutShort(stream.Sequence, now);
            return;
        }

        track ??= stream.Add(load.Cluster);
        _rows -= track.Rows;
        track.Add(load, stream.Sequence, _options.Periods, wasLost, now);
        _rows += track.Rows;
    }

    /// <summary>A proxy counts as connected while it has a stream of either kind.</summary>
    private void Connect(string node)
    {
        _connected[node] = _connected.GetValueOrDefault(node) + 1;
        _departed.Remove(node);
    }

    private void Disconnect(string node, ControlTime now)
    {
        var left = _connected.GetValueOrDefault(node) - 1;
        Invariant.Assert(left >= 0, "a proxy that goes was there");
        if (left > 0)
        {
            _connected[node] = left;
            return;
        }

        _connected.Remove(node);
        ForgetDeparted(now);
        if (_departed.Count < _options.StreamLimit)
            _departed[node] = now;
        else
            _beyondLimit = now;
    }

    private void ForgetDeparted(ControlTime now)
    {
        foreach (var (node, since) in _departed.ToList())
        {
            if (now.Since(since) > _options.DepartureGrace)
                _departed.Remove(node);
        }
    }
}
