using System.Diagnostics.Metrics;
using SelfHeal.Core.Series;

namespace SelfHeal.Sidecar.Judgement;

/// <summary>Shows what the control loop counted about its telemetry; every counter of it is an instrument.</summary>
internal sealed class TelemetryMeter
{
    private readonly TelemetryCounters _counters;
    private readonly Meter _meter;

    /// <summary>Registers the instruments; they live as long as the host.</summary>
    /// <param name="restored">The control loop.</param>
    /// <param name="meters">The host's factory.</param>
    public TelemetryMeter(Restored restored, IMeterFactory meters)
        : this(restored.Loop.Telemetry, meters)
    {
    }

    internal TelemetryMeter(TelemetryCounters counters, IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(counters);
        ArgumentNullException.ThrowIfNull(meters);
        _counters = counters;
        _meter = meters.Create("SelfHeal.Stats");
        Add("batches", static c => c.Batches, "Stats batches folded");
        Add("flushes", static c => c.Flushes, "Stats flushes folded");
        Add("stray_batches", static c => c.StrayBatches, "Stats batches of a stream that is not open");
        Add("lost_batches", static c => c.LostBatches,
            "Stats batches that were posted and never came: the queue dropped them");
        Add("damaged_flushes", static c => c.DamagedFlushes,
            "Stats flushes put aside because a part was lost or there was too much of it");
        Add("counter_epochs", static c => c.CounterEpochs, "Counters that fell and began a new epoch");
        Add("contradicted_flushes", static c => c.ContradictedFlushes,
            "Stats flushes that contradict detection.counters_are_deltas");
        Add("process_restarts", static c => c.ProcessRestarts,
            "Reconnects of a known node that turned out to be another process");
        Add("continuations", static c => c.Continuations, "Reconnects of the same process, whose counters went on");
        Add("untrusted_series", static c => c.UntrustedSeries,
            "New series that could not be counted from 0 after a lost batch");
        Add("refused_series", static c => c.RefusedSeries, "Series of scopes beyond the limit");
        Add("refused_streams", static c => c.RefusedStreams, "Stats streams beyond the limit of the fold");
        Add("unknown_blocks", static c => c.UnknownBlocks, "Blocks in which no stream delivered");
        Add("skipped_samples", static c => c.SkippedSamples, "Samples that no stat reads");
        Add("overflowed_samples", static c => c.OverflowedSamples,
            "Samples of series beyond detection.max_series_per_stream");
    }

    // The control thread writes the counters while a scrape reads them. Each is one aligned 64-bit integer, which our
    // platforms read whole, and a count that is one step old does no harm.
    private void Add(string name, Func<TelemetryCounters, long> read, string description) =>
        _meter.CreateObservableCounter($"selfheal.stats.{name}", () => read(_counters), description: description);
}
