using SelfHeal.Core.Remediation;

namespace SelfHeal.Core.Recording;

/// <summary>What a recorded step asked the shell to do, as far as a replay compares it. A closed set.</summary>
public abstract record RecordedEffect
{
    private RecordedEffect()
    {
    }

    /// <summary>An entry for the ledger.</summary>
    /// <param name="Sequence">Its sequence number.</param>
    /// <param name="Type">The name of its type.</param>
    /// <param name="IncidentId">Its incident.</param>
    /// <param name="Payload">Its canonical bytes.</param>
    public sealed record Append(long Sequence, string Type, string IncidentId, ReadOnlyMemory<byte> Payload)
        : RecordedEffect;

    /// <summary>An overlay was to be laid.</summary>
    /// <param name="Overlay">The change.</param>
    public sealed record Apply(WeightOverlay Overlay) : RecordedEffect;

    /// <summary>An overlay was to be taken away.</summary>
    /// <param name="OverlayId">The overlay.</param>
    public sealed record Withdraw(string OverlayId) : RecordedEffect;

    /// <summary>A human was to be asked.</summary>
    /// <param name="IncidentId">The incident.</param>
    /// <param name="Text">One line.</param>
    public sealed record Page(string IncidentId, string Text) : RecordedEffect;
}
