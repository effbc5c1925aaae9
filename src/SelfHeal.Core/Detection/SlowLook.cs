using SelfHeal.Core.Series;

namespace SelfHeal.Core.Detection;

/// <summary>The newest slow look of one series, as it was taken.</summary>
/// <param name="Events">e of its newest block.</param>
/// <param name="Total">n of its newest block.</param>
/// <param name="KnownBlocks">Flushes in it.</param>
/// <param name="Exposure">Time observed in it.</param>
/// <param name="Statistic">G, micro-nats.</param>
/// <param name="Terms">What it was compared with.</param>
/// <param name="Block">The flush block that ended it.</param>
internal readonly record struct SlowLook(
    long Events, long Total, int KnownBlocks, TimeSpan Exposure, long Statistic, LookTerms Terms, BlockRecord Block)
{
    /// <summary>Whether one was ever taken.</summary>
    public bool IsTaken => KnownBlocks > 0;
}
