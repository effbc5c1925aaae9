using SelfHeal.Core.Series;

namespace SelfHeal.Core.Detection;

/// <summary>Takes the counts of a closed block out of the fold, and finds the series that had their first trial in it.
/// </summary>
internal sealed class SeriesCounts(LatencyEdges edges)
{
    private static readonly StatScope[] Kinds =
        [.. SignalPair.Table.Select(static pair => pair.Scope).Distinct().Order()];

    private readonly Reading[][] _readings = [.. Kinds.Select(static kind => Reading.Of(kind))];
    private readonly List<string> _names = [];
    private int[][] _tracksOf = new int[64][];

    /// <summary>The series of a pair of a scope; -1 where there is none.</summary>
    public int Find(int scopeId, int row)
    {
        if (scopeId < 0 || scopeId >= _tracksOf.Length || _tracksOf[scopeId] is not { } tracks)
            return -1;
        var readings = _readings[Array.IndexOf(Kinds, SignalPair.Table[row].Scope)];
        for (var place = 0; place < readings.Length; place++)
        {
            if (readings[place].Row == row)
                return place < tracks.Length ? tracks[place] : -1;
        }

        return -1;
    }

    /// <summary>The series of a scope; below 0 for those it does not have yet.</summary>
    public ReadOnlySpan<int> TracksOf(int scopeId) =>
        scopeId >= 0 && scopeId < _tracksOf.Length ? _tracksOf[scopeId] : [];

    /// <summary>The name of a series' scope.</summary>
    public string NameOf(int track) => _names[track];

    /// <summary>Fills a block's column of the table.</summary>
    public void Take(TelemetryFold fold, long sequence, TrackTable tracks)
    {
        // Hot path: allocation-free unless a series is new.
        if (!fold.TryGetBlock(sequence, out var block) || !block.IsKnown)
            return;
        for (var kind = 0; kind < Kinds.Length; kind++)
        {
            foreach (var scopeId in fold.Scopes(Kinds[kind]))
            {
                if (fold.IsReported(scopeId, sequence))
                    Take(fold, block, scopeId, _readings[kind], tracks);
            }
        }
    }

    private void Take(TelemetryFold fold, in BlockRecord block, int scopeId, Reading[] readings, TrackTable tracks)
    {
        if (scopeId >= _tracksOf.Length)
            Array.Resize(ref _tracksOf, Math.Max(scopeId + 1, _tracksOf.Length * 2));
        var known = _tracksOf[scopeId];
        var row = fold.BlockRow(block.Sequence);
        var first = fold.SlotOf(scopeId, Stat.None);
        for (var place = 0; place < readings.Length; place++)
        {
            ref readonly var reading = ref readings[place];
            var edge = reading.Edge switch
            {
                LatencyEdge.Objective => edges.Objective,
                LatencyEdge.Baseline => edges.Of(scopeId),
                _ => 0,
            };
            if (edge < 0)
                continue;
            var total = reading.Falls ? ObservedMillis(block) : Sum(row, first, reading.Total);
            var events = reading.Edge == LatencyEdge.None ? Sum(row, first, reading.Events)
                : total == 0 ? 0
                : fold.CountAbove(scopeId, Stat.UpstreamRqTime, edge, block.Sequence);
            if (known is null || known[place] < 0)
            {
                // What falls is watched once it has been there.
                if ((reading.Falls ? events : total) == 0)
                    continue;
                known ??= _tracksOf[scopeId] = None(readings.Length);
                known[place] = tracks.Add(scopeId, reading.Row);
                _names.Add(fold.NameOf(scopeId));
            }

            tracks.Set(known[place], events, total);
        }
    }

    /// <summary>Reads what the open block holds so far of every series that rises.</summary>
    /// <param name="fold">The open block.</param>
    /// <param name="events">By series.</param>
    /// <param name="totals">By series.</param>
    /// <param name="count">How many series there are.</param>
    public void TakeOpen(TelemetryFold fold, long[] events, long[] totals, int count)
    {
        // Hot path: allocation-free.
        events.AsSpan(0, count).Clear();
        totals.AsSpan(0, count).Clear();
        var row = fold.OpenRow;
        for (var kind = 0; kind < Kinds.Length; kind++)
        {
            var readings = _readings[kind];
            foreach (var scopeId in fold.Scopes(Kinds[kind]))
            {
                if (scopeId >= _tracksOf.Length || _tracksOf[scopeId] is not { } known || !fold.IsOpenReported(scopeId))
                    continue;
                var first = fold.SlotOf(scopeId, Stat.None);
                for (var place = 0; place < readings.Length; place++)
                {
                    // Latency is looked at when the block closes: seconds do not matter to it.
                    ref readonly var reading = ref readings[place];
                    if (known[place] < 0 || reading.Falls || reading.Edge != LatencyEdge.None)
                        continue;
                    foreach (var stat in reading.Events)
                        events[known[place]] += row[first + stat];
                    foreach (var stat in reading.Total)
                        totals[known[place]] += row[first + stat];
                }
            }
        }
    }

    /// <summary>
    /// Time observed at every proxy, not the sum over proxies: a fleet that grows does not halve anybody's rate. What a
    /// missing flush left out, the next one brings with its time.
    /// </summary>
    private static long ObservedMillis(in BlockRecord block) =>
        (long)block.Exposure.TotalMilliseconds / Math.Max(1, block.StreamsLive);

    private static long Sum(ReadOnlySpan<uint> row, int first, int[] stats)
    {
        var sum = 0L;
        foreach (var stat in stats)
            sum += row[first + stat];
        return sum;
    }

    private static int[] None(int length)
    {
        var none = new int[length];
        Array.Fill(none, -1);
        return none;
    }

    private readonly record struct Reading(int Row, int[] Events, int[] Total, bool Falls, LatencyEdge Edge)
    {
        public static Reading[] Of(StatScope kind) =>
        [
            .. SignalPair.Table
                .Where(pair => pair.Scope == kind)
                .Select(static pair => new Reading(
                    pair.Row,
                    [.. pair.Events.Select(static stat => (int)stat)],
                    [.. pair.Total.Select(static stat => (int)stat)],
                    pair.Falls,
                    pair.Edge)),
        ];
    }
}
