using System.Collections.Immutable;
using SelfHeal.Core.Contracts;

namespace SelfHeal.Core.Records;

/// <summary>What came of it.</summary>
/// <param name="Verdict">The contract's verdict.</param>
/// <param name="Reason">Why, as a sentence.</param>
/// <param name="Samples">Every block that was counted.</param>
/// <param name="LnTailMicroNats">ln P(at most the failures seen | p_bad), micro-nats; null: nothing was tested.</param>
/// <param name="HashEqual">For a rollback: the proxies hold exactly what they held before the action.</param>
public sealed record OutcomeBlock(
    ContractVerdict Verdict,
    string Reason,
    ImmutableArray<ContractSample> Samples,
    long? LnTailMicroNats,
    bool? HashEqual);
