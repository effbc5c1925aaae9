using SelfHeal.Core.Time;

namespace SelfHeal.Core.Detection;

/// <summary>One look with everything that a record needs to recompute it by hand; measurements are integers.</summary>
/// <param name="Pair">Which ratio.</param>
/// <param name="ScopeId">The cluster's id in the fold.</param>
/// <param name="Scope">The cluster's name.</param>
/// <param name="Kind">How it compares.</param>
/// <param name="WindowBlocks">Blocks asked for: 1, 2, 4, 12; for the slow look the flush blocks in its newest
/// block.</param>
/// <param name="KnownBlocks">Blocks in which the cluster reported.</param>
/// <param name="Exposure">Time observed in them, summed over streams.</param>
/// <param name="Events">e.</param>
/// <param name="Total">n.</param>
/// <param name="ExpectedMicros">m, expected events, in millionths.</param>
/// <param name="BaselinePpb">The expected ratio (p0, or the siblings'), in parts per billion.</param>
/// <param name="BaselineSource">Where it comes from.</param>
/// <param name="BaselineEvents">Events of the history behind the baseline; 0 where it is not history.</param>
/// <param name="BaselineTotal">Trials of that history.</param>
/// <param name="SiblingEvents">e2; 0 unless a contrast.</param>
/// <param name="SiblingTotal">n2; 0 unless a contrast.</param>
/// <param name="ContrastMilliDecibans">The contrast as evidence, clipped to ±12,000; 0 unless a contrast.</param>
/// <param name="ContrastLogOdds">The contrast before clipping, micro-nats, held against the same bars; 0 unless a
/// contrast.</param>
/// <param name="ShapeMillis">k or kc, in thousandths.</param>
/// <param name="Statistic">F or G, micro-nats.</param>
/// <param name="Threshold">The bar for a breach, micro-nats.</param>
/// <param name="SuspectThreshold">The bar for a suspicion, micro-nats.</param>
/// <param name="ShrunkenRatioPpb">(e + kappa p0)/(n + kappa), in parts per billion; of a fall e/n.</param>
/// <param name="EffectLimitPpb">What that ratio must reach (of a fall: fall to), in parts per billion.</param>
/// <param name="Verdict">Breach, clear, or no evidence.</param>
/// <param name="IsSuspect">Starts diagnosis, never an action and never a page. A breach is also suspect.</param>
/// <param name="HasOnset">Whether the statistic is in a run above 0.</param>
/// <param name="Onset">The start of the first block of that run.</param>
/// <param name="Sequence">The newest block's sequence number.</param>
/// <param name="End">The newest block's end.</param>
public readonly record struct LookResult(
    SignalPair Pair,
    int ScopeId,
    string Scope,
    LookKind Kind,
    int WindowBlocks,
    int KnownBlocks,
    TimeSpan Exposure,
    long Events,
    long Total,
    long ExpectedMicros,
    long BaselinePpb,
    BaselineSource BaselineSource,
    long BaselineEvents,
    long BaselineTotal,
    long SiblingEvents,
    long SiblingTotal,
    long ContrastMilliDecibans,
    long ContrastLogOdds,
    long ShapeMillis,
    long Statistic,
    long Threshold,
    long SuspectThreshold,
    long ShrunkenRatioPpb,
    long EffectLimitPpb,
    Verdict Verdict,
    bool IsSuspect,
    bool HasOnset,
    ControlTime Onset,
    long Sequence,
    ControlTime End)
{
    /// <summary>Whether the ratio is beyond the limit: above it, or below it where events are missing.</summary>
    public bool EffectHolds =>
        Pair is { Falls: true } ? ShrunkenRatioPpb <= EffectLimitPpb : ShrunkenRatioPpb >= EffectLimitPpb;
}
