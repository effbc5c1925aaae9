using System.Globalization;
using System.Text;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;

namespace SelfHeal.UnitTests.Xds.Stats;

/// <summary>Writes down what a reader posts, and gives the batches back.</summary>
internal sealed class RecordingSink(FlushBatchPool pool) : IFlushSink
{
    private readonly StringBuilder _text = new();

    public int Batches { get; private set; }

    public string Text => _text.ToString();

    public void StreamOpened(long stream, string node, string nodeCluster, ControlTime now) =>
        _text.Append(CultureInfo.InvariantCulture, $"open {stream} {node} {nodeCluster}\n");

    public void Post(FlushBatch batch)
    {
        Batches++;
        _text.Append(
            CultureInfo.InvariantCulture,
            $"batch {batch.Stream} {batch.Sequence}.{batch.PartOfFlush} at {batch.TimestampMillis}"
            + $" skipped {batch.SkippedSamples} over {batch.OverflowedSamples} bad {batch.UnusableSamples}\n");
        for (var i = 0; i < batch.Count; i++)
        {
            var entry = batch.Catalog[batch.Indexes[i]];
            _text.Append(
                CultureInfo.InvariantCulture,
                $"  {entry.Key.Scope} '{entry.Key.Name}' {entry.Key.Stat} = {batch.Values[i]}\n");
        }

        for (var i = 0; i < batch.HistogramIndexes.Length; i++)
        {
            var entry = batch.Catalog[batch.HistogramIndexes[i]];
            var counts = batch.HistogramCounts.Slice(
                i * FlushBatch.HistogramBuckets, FlushBatch.HistogramBuckets).ToArray();
            _text.Append(
                CultureInfo.InvariantCulture,
                $"  {entry.Key.Scope} '{entry.Key.Name}' {entry.Key.Stat} = {string.Join(' ', counts)}\n");
        }

        pool.Return(batch);
    }
}
