using SelfHeal.Core.Time;

namespace SelfHeal.Core.Series;

/// <summary>One stat of one scope over the last blocks. "Measured zero" is <see cref="Sum"/> 0 with
/// <see cref="KnownBlocks"/> above 0; "not reported" is <see cref="KnownBlocks"/> 0.</summary>
/// <param name="Sum">Counter: the deltas of the known blocks. Gauge: the newest value.</param>
/// <param name="KnownBlocks">Blocks in which the scope reported, whether or not it sent this stat.</param>
/// <param name="Blocks">Blocks looked at; fewer than asked while there is less history.</param>
/// <param name="NewestKnown">Whether the scope reported in the newest block.</param>
/// <param name="HasGauge">Whether a gauge's value was ever reported.</param>
/// <param name="Exposure">Time observed in the known blocks, summed over streams.</param>
/// <param name="Duration">Time from the start of the oldest block to the end of the newest.</param>
/// <param name="Sequence">The newest block's sequence number; -1 while there is none.</param>
/// <param name="End">The newest block's end.</param>
public readonly record struct StatWindow(
    long Sum,
    int KnownBlocks,
    int Blocks,
    bool NewestKnown,
    bool HasGauge,
    TimeSpan Exposure,
    TimeSpan Duration,
    long Sequence,
    ControlTime End);
