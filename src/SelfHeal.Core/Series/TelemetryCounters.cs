namespace SelfHeal.Core.Series;

/// <summary>What the fold counted since it started; every one is shown, none decides anything.</summary>
public sealed class TelemetryCounters
{
    /// <summary>Batches folded.</summary>
    public long Batches { get; internal set; }

    /// <summary>Flushes folded.</summary>
    public long Flushes { get; internal set; }

    /// <summary>Batches of a stream that is not open here.</summary>
    public long StrayBatches { get; internal set; }

    /// <summary>Batches that were posted but never came: the queue dropped them.</summary>
    public long LostBatches { get; internal set; }

    /// <summary>Flushes put aside because a part was lost or there was too much of it; the next one spans
    /// them.</summary>
    public long DamagedFlushes { get; internal set; }

    /// <summary>Counters that fell: a new epoch without a delta.</summary>
    public long CounterEpochs { get; internal set; }

    /// <summary>Flushes that look as if the proxy sent deltas where absolute counters were declared, or the other way
    /// round; see <see cref="TelemetryOptions.CountersAreDeltas"/>.</summary>
    public long ContradictedFlushes { get; internal set; }

    /// <summary>Reconnects of a known node that turned out to be another process.</summary>
    public long ProcessRestarts { get; internal set; }

    /// <summary>Reconnects of the same process, whose counters went on.</summary>
    public long Continuations { get; internal set; }

    /// <summary>New series that could not be counted from 0 because a batch had been lost just before.</summary>
    public long UntrustedSeries { get; internal set; }

    /// <summary>Series of scopes beyond the limit.</summary>
    public long RefusedSeries { get; internal set; }

    /// <summary>Streams beyond the limit.</summary>
    public long RefusedStreams { get; internal set; }

    /// <summary>Blocks in which no stream delivered.</summary>
    public long UnknownBlocks { get; internal set; }

    /// <summary>Samples that no stat reads, as the readers counted them.</summary>
    public long SkippedSamples { get; internal set; }

    /// <summary>Samples of series beyond a stream's limit, as the readers counted them.</summary>
    public long OverflowedSamples { get; internal set; }
}
