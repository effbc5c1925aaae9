using System.Collections.Immutable;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;

namespace SelfHeal.Core.Diagnosis;

/// <summary>All evidence about one service at the end of one block.</summary>
/// <param name="Items">Breaches, clears and missing evidence alike, in a fixed order.</param>
/// <param name="Suspect">The version whose contrast is strongest, or null.</param>
/// <param name="Breached">Some version is in breach with its effect holding in the newest flush alone.</param>
/// <param name="Onset">Start of the current abnormal run; null while there is none.</param>
/// <param name="IsMeasured">The newest block is known and has traffic: no breach in it means something.</param>
/// <param name="ReceiversInBreach">Some version other than the suspect is in breach too.</param>
/// <param name="FirstFlush">End of the first flush in which the effect held alone; null while there is none.</param>
/// <param name="PersistentFlushes">Flushes since onset in which the suspect's effect held alone (the service's worst
/// version's where nobody is suspect).</param>
/// <param name="HoldsInNewestFlush">It held in the newest flush alone.</param>
/// <param name="ReceiverTrialsPerSecondMillis">What the suspect's siblings answer, in thousandths per second.</param>
public sealed record ServiceEvidence(
    ImmutableArray<EvidenceItem> Items,
    VersionShare? Suspect,
    bool Breached,
    ControlTime? Onset,
    bool IsMeasured,
    bool ReceiversInBreach,
    ControlTime? FirstFlush,
    int PersistentFlushes,
    bool HoldsInNewestFlush,
    long ReceiverTrialsPerSecondMillis)
{
    /// <summary>Flushes in which the effect of another signal than final failures held alone; a human is told of it,
    /// and nothing is done by itself, because the contract counts final failures.</summary>
    public int OtherPersistentFlushes { get; init; }

    /// <summary>That effect held in the newest flush alone.</summary>
    public bool OtherHoldsInNewestFlush { get; init; }

    /// <summary>The first look of the newest block that is suspect and no breach; null while there is none.</summary>
    public EvidenceItem? Suspicion { get; init; }
}
