using System.Collections.Immutable;
using SelfHeal.Core.Series;

namespace SelfHeal.Core.Detection;

/// <summary>
/// Above which bucket edge of a histogram a response is slow: the declared objective's, and for each scope the first
/// one above the 99th percentile of its own history.
/// </summary>
internal sealed class LatencyEdges(DetectionOptions options)
{
    // Below this many responses a percentile is a guess.
    private const double ResponsesMinimum = 1_000;

    // The 168th root of three quarters: what is a week old weighs three quarters of what is new.
    private const double HourWeight = 0.99828907;
    private static readonly double[] EdgeMillis =
    [
        0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
        3_600_000,
    ];

    private readonly Dictionary<int, History> _histories = [];

    /// <summary>The place of the objective's edge; -1 where there is no objective.</summary>
    public int Objective { get; } = options.LatencyObjective is { } objective
        ? Array.FindIndex(EdgeMillis, edge => edge >= objective.TotalMilliseconds)
        : -1;

    /// <summary>The place of a scope's own edge; -1 until its history says one.</summary>
    public int Of(int scopeId) => _histories.TryGetValue(scopeId, out var history) ? history.Edge : -1;

    /// <summary>Learns a scope's histogram of a block.</summary>
    public void Learn(TelemetryFold fold, int scopeId, long sequence)
    {
        // Hot path: allocation-free once the scope has had a response.
        Span<long> counts = stackalloc long[FlushBatch.HistogramBuckets];
        if (fold.HistogramWindow(scopeId, Stat.UpstreamRqTime, 1, sequence, counts) == 0)
            return;
        if (!_histories.TryGetValue(scopeId, out var history))
            _histories.Add(scopeId, history = new History());
        for (var bucket = 0; bucket < counts.Length; bucket++)
            history.Counts[bucket] += counts[bucket];
    }

    /// <summary>An hour ends.</summary>
    /// <returns>Whether the edge is another one than before; its history is then in <see cref="Ratio"/>.</returns>
    public bool CloseHour(int scopeId)
    {
        if (!_histories.TryGetValue(scopeId, out var history))
            return false;
        for (var bucket = 0; bucket < history.Counts.Length; bucket++)
            history.Counts[bucket] *= HourWeight;
        return Settle(history);
    }

    /// <summary>How many responses of the history lie above the scope's edge, and how many there are.</summary>
    public (double Above, double Total) Ratio(int scopeId)
    {
        var history = _histories[scopeId];
        var total = 0.0;
        var above = 0.0;
        for (var bucket = 0; bucket < history.Counts.Length; bucket++)
        {
            total += history.Counts[bucket];
            above += bucket > history.Edge ? history.Counts[bucket] : 0;
        }

        return (above, total);
    }

    /// <summary>What is to be stored of a scope.</summary>
    public ImmutableArray<double> Stored(int scopeId) =>
        _histories.TryGetValue(scopeId, out var history) ? [.. history.Counts] : [];

    /// <summary>Takes over what was stored; what this process has learned itself is newer.</summary>
    public void Restore(int scopeId, ImmutableArray<double> counts)
    {
        if (counts.Length != FlushBatch.HistogramBuckets || _histories.ContainsKey(scopeId))
            return;
        var history = new History();
        counts.CopyTo(history.Counts);
        _histories.Add(scopeId, history);
        Settle(history);
    }

    private static bool Settle(History history)
    {
        var total = 0.0;
        foreach (var count in history.Counts)
            total += count;
        if (total < ResponsesMinimum)
            return false;
        var edge = 0;
        var below = history.Counts[0];
        while (below < 0.99 * total && edge < history.Counts.Length - 1)
            below += history.Counts[++edge];

        // Above the last edge nothing can be told apart.
        if (edge >= EdgeMillis.Length)
            edge = -1;
        var isNew = edge != history.Edge;
        history.Edge = edge;
        return isNew && edge >= 0;
    }

    private sealed class History
    {
        public double[] Counts { get; } = new double[FlushBatch.HistogramBuckets];

        public int Edge { get; set; } = -1;
    }
}
