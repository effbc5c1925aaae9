using System.Collections.Immutable;
using SelfHeal.Core.Time;

namespace SelfHeal.Core.AccessLogs;

/// <summary>
/// Response flags and response codes by upstream host and route, in intervals. Counts only: no path, header, body or
/// anything else that a client sent comes here.
/// </summary>
public sealed class AccessLogTable
{
    private readonly AccessLogTableOptions _options;
    private readonly Queue<Interval> _intervals = new();
    private Interval? _newest;
    private int _rows;

    /// <summary>An empty table.</summary>
    /// <param name="options">How much is kept.</param>
    public AccessLogTable(AccessLogTableOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Interval, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Intervals);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.RowLimit);
        _options = options;
    }

    /// <summary>What it counted.</summary>
    public AccessLogCounters Counters { get; } = new();

    /// <summary>Rows kept now: never more than the limit, but for one of overflow in each interval.</summary>
    public int Rows => _rows;

    /// <summary>A message was counted. Its requests belong to the interval in which it came: when they began is the
    /// proxy's word, and may be long ago.</summary>
    /// <param name="batch">The counts.</param>
    /// <param name="now">The time of the step.</param>
    public void OnBatch(AccessLogBatch batch, ControlTime now)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Counters.Batches++;
        var interval = Open(IndexOf(now));
        foreach (var count in batch.Counts)
        {
            Counters.Requests += count.Requests;
            if (!interval.Cells.TryGetValue(count.Key, out var cell))
                cell = Add(interval, count);
            cell.Add(count.Flags, count.CodeClass, count.Requests);
        }
    }

    /// <summary>The counts of the last intervals, the one that runs among them.</summary>
    /// <param name="intervals">How many; more than are kept is no error.</param>
    /// <param name="now">The time of the step.</param>
    /// <returns>By cluster, host and route; only what had requests.</returns>
    public ImmutableArray<AccessLogRow> Sum(int intervals, ControlTime now)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(intervals);
        var first = IndexOf(now) - intervals + 1;
        var sums = new SortedDictionary<AccessLogKey, AccessLogCell>(AccessLogKey.Order);
        foreach (var interval in _intervals.Where(i => i.Index >= first))
        {
            foreach (var (key, cell) in interval.Cells)
            {
                if (!sums.TryGetValue(key, out var sum))
                    sums.Add(key, sum = new AccessLogCell());
                sum.Add(cell);
            }
        }

        return [.. sums.Select(static pair => pair.Value.ToRow(pair.Key))];
    }

    private AccessLogCell Add(Interval interval, AccessLogCount count)
    {
        var key = count.Key;
        if (_rows >= _options.RowLimit)
        {
            Counters.OverflowedRequests += count.Requests;
            key = AccessLogKey.Overflow;
            if (interval.Cells.TryGetValue(key, out var overflow))
                return overflow;
        }

        var cell = new AccessLogCell();
        interval.Cells.Add(key, cell);
        _rows++;
        return cell;
    }

    private Interval Open(long index)
    {
        if (_newest?.Index == index)
            return _newest;
        while (_intervals.TryPeek(out var oldest) && oldest.Index <= index - _options.Intervals)
            _rows -= _intervals.Dequeue().Cells.Count;
        _intervals.Enqueue(_newest = new Interval(index));
        return _newest;
    }

    private long IndexOf(ControlTime now) => now.MonotonicNanos / (_options.Interval.Ticks * 100);

    private sealed record Interval(long Index)
    {
        public Dictionary<AccessLogKey, AccessLogCell> Cells { get; } = [];
    }
}
