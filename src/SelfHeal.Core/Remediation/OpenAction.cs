using SelfHeal.Core.Contracts;
using SelfHeal.Core.Records;
using SelfHeal.Core.Time;

namespace SelfHeal.Core.Remediation;

/// <summary>An action that was declared, with everything that is needed to judge it and to take it back.</summary>
/// <param name="decision">The entry that declared it.</param>
internal sealed class OpenAction(LedgerRecord decision)
{
    /// <summary>The entry that declared it; it has a contract and an execution block.</summary>
    public LedgerRecord Decision { get; } = decision;

    /// <summary>The change.</summary>
    public WeightOverlay Overlay { get; } = decision.Execution!.Overlay; // A decision is refused without it.

    /// <summary>How success is judged.</summary>
    public VerificationContract Contract { get; } = decision.Contract!; // As above.

    /// <summary>The decision's entry was durable.</summary>
    public ControlTime? Appended { get; set; }

    /// <summary>The change was handed to the shell, or, in a rollback, its withdrawal.</summary>
    public ControlTime? Pushed { get; set; }

    /// <summary>The last proxy in scope acknowledged it.</summary>
    public ControlTime? Acknowledged { get; set; }

    /// <summary>Watches the contract from the acknowledgement on.</summary>
    public ContractWatch? Watch { get; set; }

    /// <summary>The change is in what is being served.</summary>
    public bool InForce { get; set; }

    /// <summary>The process came back while this was open.</summary>
    public bool Resumed { get; set; }

    /// <summary>When a human is asked whether the change may stay; set by the acknowledgement.</summary>
    public ControlTime? ExpiresAt { get; set; }
}
