using SelfHeal.Core.Records;
using SelfHeal.Core.Remediation;

namespace SelfHeal.Core.Control;

/// <summary>
/// Something that the shell must do, in order. A closed set: what is not named here cannot be done to the world.
/// </summary>
public abstract record ControlEffect
{
    private ControlEffect()
    {
    }

    /// <summary>Make an entry durable and answer with <see cref="ControlEvent.RecordAppended"/> or
    /// <see cref="ControlEvent.RecordRefused"/>.</summary>
    /// <param name="Record">The entry.</param>
    public sealed record AppendRecord(LedgerRecord Record) : ControlEffect;

    /// <summary>Lay an overlay over its route and push it.</summary>
    /// <param name="Overlay">The change.</param>
    public sealed record ApplyOverlay(WeightOverlay Overlay) : ControlEffect;

    /// <summary>Take an overlay away: the route's own bytes are pushed again.</summary>
    /// <param name="OverlayId">The overlay.</param>
    public sealed record WithdrawOverlay(string OverlayId) : ControlEffect;

    /// <summary>Ask a human.</summary>
    /// <param name="IncidentId">The incident.</param>
    /// <param name="Text">One line, from a template.</param>
    public sealed record Page(string IncidentId, string Text) : ControlEffect;

    /// <summary>Something to show: it changes nothing.</summary>
    /// <param name="Progress">What happened.</param>
    public sealed record Report(IncidentProgress Progress) : ControlEffect;
}
