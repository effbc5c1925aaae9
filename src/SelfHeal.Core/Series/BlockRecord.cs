using SelfHeal.Core.Time;

namespace SelfHeal.Core.Series;

/// <summary>One block: the deltas of one flush of every live stream.</summary>
/// <param name="Sequence">0 for the first block, without gaps.</param>
/// <param name="Start">The end of the block before.</param>
/// <param name="End">Arrival of the flush that closed it, by our clock.</param>
/// <param name="Exposure">Time observed, summed over the streams that delivered: since each one's flush before, so time
/// in which flushes were missing is kept by the next one that came.</param>
/// <param name="StreamsDelivered">Streams whose deltas are in it.</param>
/// <param name="StreamsLive">Streams that should have delivered.</param>
/// <param name="CoversFrom">The earliest moment that its counts may reach back to: with several proxies a flush in it
/// covers time before <paramref name="Start"/>. What happened before this moment cannot be in the block.</param>
/// <param name="IsEarly">Closed by <see cref="TelemetryFold.CloseEarly"/>, before every live stream had
/// delivered.</param>
public readonly record struct BlockRecord(
    long Sequence,
    ControlTime Start,
    ControlTime End,
    TimeSpan Exposure,
    int StreamsDelivered,
    int StreamsLive,
    ControlTime CoversFrom,
    bool IsEarly)
{
    /// <summary>Whether anything was measured; an unknown block leaves every statistic as it was.</summary>
    public bool IsKnown => StreamsDelivered > 0;
}
