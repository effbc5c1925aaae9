namespace SelfHeal.Core.Series;

/// <summary>The samples of a whole flush, wherever they lie: in the only batch it came in, or gathered from
/// several.</summary>
internal readonly ref struct FlushSamples(
    ReadOnlySpan<int> indexes,
    ReadOnlySpan<long> values,
    ReadOnlySpan<int> histogramIndexes,
    ReadOnlySpan<uint> histogramCounts)
{
    public ReadOnlySpan<int> Indexes { get; } = indexes;

    public ReadOnlySpan<long> Values { get; } = values;

    public ReadOnlySpan<int> HistogramIndexes { get; } = histogramIndexes;

    public ReadOnlySpan<uint> HistogramCounts { get; } = histogramCounts;

    public static FlushSamples Of(FlushBatch batch) =>
        new(batch.Indexes, batch.Values, batch.HistogramIndexes, batch.HistogramCounts);
}
