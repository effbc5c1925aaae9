using SelfHeal.Core.Detection;
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

    /// <summary>Keep what an hour taught about all series, for the weeks to come. Losing it loses history and nothing
    /// else.</summary>
    /// <param name="Hour">The hour that ended.</param>
    public sealed record StoreBaselines(BaselineHour Hour) : ControlEffect;

    /// <summary>Answer with <see cref="ControlEvent.BaselinesRead"/> if anything is stored.</summary>
    /// <param name="Hour">The hour of the week, 0 to 167.</param>
    public sealed record ReadBaselines(int Hour) : ControlEffect;

    /// <summary>Something looks wrong and is not sure: diagnosis starts, and nothing else may come of it.</summary>
    /// <param name="Service">The service.</param>
    /// <param name="Text">One line, from a template.</param>
    public sealed record Suspect(string Service, string Text) : ControlEffect;

    /// <summary>Something to show: it changes nothing.</summary>
    /// <param name="Progress">What happened.</param>
    public sealed record Report(IncidentProgress Progress) : ControlEffect;
}
