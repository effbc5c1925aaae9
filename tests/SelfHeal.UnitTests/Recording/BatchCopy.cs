using System.Globalization;
using SelfHeal.Core.Control;
using SelfHeal.Core.Series;

namespace SelfHeal.UnitTests.Recording;

/// <summary>Everything that a batch says, as text that can be compared and kept after the batch is pooled.</summary>
internal static class BatchCopy
{
    /// <summary>An event as it is, or the text of its batch.</summary>
    public static object Of(ControlEvent happened) =>
        happened is ControlEvent.StatsReceived { Batch: var batch } ? Of(batch) : happened;

    private static string Of(FlushBatch batch)
    {
        var names = Enumerable.Range(0, batch.SeriesCount).Select(i => batch.Catalog[i].ToString());
        return string.Create(CultureInfo.InvariantCulture, $"""
            {batch.Stream} {batch.Sequence} {batch.PartOfFlush} {batch.TimestampMillis}
            {batch.Arrival.MonotonicNanos} {batch.Arrival.Wall:O}
            {batch.SkippedSamples} {batch.OverflowedSamples} {batch.UnusableSamples}
            {string.Join(' ', batch.Indexes.ToArray())}
            {string.Join(' ', batch.Values.ToArray())}
            {string.Join(' ', batch.HistogramIndexes.ToArray())}
            {string.Join(' ', batch.HistogramCounts.ToArray())}
            {string.Join('\n', names)}
            """);
    }
}
