using SelfHeal.Core.Series;

namespace SelfHeal.Core.Detection;

/// <summary>Takes the counts of a closed block out of the fold, and finds the series that had their first trial in it.
/// </summary>
internal sealed class SeriesCounts
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
        for (var place = 0; place < readings.Length; place++)
        {
            ref readonly var reading = ref readings[place];
            var total = reading.Falls ? ObservedMillis(block) : Sum(fold, block, scopeId, reading.Total);
            if (known is null || known[place] < 0)
            {
                // What falls is watched once it has been there.
                if ((reading.Falls ? Sum(fold, block, scopeId, reading.Events) : total) == 0)
                    continue;
                known ??= _tracksOf[scopeId] = None(readings.Length);
                known[place] = tracks.Add(scopeId, reading.Row);
                _names.Add(fold.NameOf(scopeId));
            }

            tracks.Set(known[place], Sum(fold, block, scopeId, reading.Events), total);
        }
    }

    /// <summary>
    /// Time observed at every proxy, not the sum over proxies: a fleet that grows does not halve anybody's rate. What a
    /// missing flush left out, the next one brings with its time.
    /// </summary>
    private static long ObservedMillis(in BlockRecord block) =>
        (long)block.Exposure.TotalMilliseconds / Math.Max(1, block.StreamsLive);

    private static long Sum(TelemetryFold fold, in BlockRecord block, int scopeId, Stat[] stats)
    {
        var sum = 0L;
        foreach (var stat in stats)
            sum += fold.BlockValue(scopeId, stat, block.Sequence);
        return sum;
    }

    private static int[] None(int length)
    {
        var none = new int[length];
        Array.Fill(none, -1);
        return none;
    }

    private readonly record struct Reading(int Row, Stat[] Events, Stat[] Total, bool Falls)
    {
        public static Reading[] Of(StatScope kind) =>
        [
            .. SignalPair.Table
                .Where(pair => pair.Scope == kind && pair.Edge == LatencyEdge.None)
                .Select(static pair => new Reading(pair.Row, [.. pair.Events], [.. pair.Total], pair.Falls)),
        ];
    }
}
