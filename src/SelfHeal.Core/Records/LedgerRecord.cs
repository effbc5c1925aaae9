using System.Collections.Immutable;
using SelfHeal.Core.Contracts;
using SelfHeal.Core.Diagnosis;

namespace SelfHeal.Core.Records;

/// <summary>
/// One entry of the ledger. A <see cref="RecordType.Decision"/> carries every block up to <see cref="Contract"/>; what
/// follows it is a new entry linked by <see cref="Parents"/>, never a change of an old one. Ratios are parts per
/// million, statistics micro-nats, so that every number can be recomputed by hand.
/// </summary>
public sealed record LedgerRecord
{
    /// <summary>The schema that this version writes.</summary>
    public const string CurrentSchema = "selfheal.record/1";

    /// <summary>The schema of the entry.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>Gapless, from 1.</summary>
    public required long Sequence { get; init; }

    /// <summary>What the entry says.</summary>
    public required RecordType Type { get; init; }

    /// <summary>The incident.</summary>
    public required string IncidentId { get; init; }

    /// <summary>Sequences of the entries that this one follows from.</summary>
    public ImmutableArray<long> Parents { get; init; } = [];

    /// <summary>Who decided, by what right.</summary>
    public required AuthorityBlock Authority { get; init; }

    /// <summary>When.</summary>
    public required TimeBlock Time { get; init; }

    /// <summary>The service in trouble.</summary>
    public required string Service { get; init; }

    /// <summary>What was measured, breaches, clears and missing items alike.</summary>
    public ImmutableArray<EvidenceItem>? Evidence { get; init; }

    /// <summary>What is believed.</summary>
    public ConclusionBlock? Conclusion { get; init; }

    /// <summary>Everything that could have been done.</summary>
    public ImmutableArray<AlternativeBlock>? Alternatives { get; init; }

    /// <summary>What bounds the damage.</summary>
    public SafetyBlock? Safety { get; init; }

    /// <summary>How success will be judged.</summary>
    public VerificationContract? Contract { get; init; }

    /// <summary>What is, or was, written.</summary>
    public ExecutionBlock? Execution { get; init; }

    /// <summary>What came of it.</summary>
    public OutcomeBlock? Outcome { get; init; }

    /// <summary>Hash of the prose rendered from the incident's entries up to this one.</summary>
    public NarrativeBlock? Narrative { get; init; }
}
