namespace SelfHeal.Core.Control;

/// <summary>One line of an incident's timeline.</summary>
/// <param name="IncidentId">The incident.</param>
/// <param name="Service">The service in trouble.</param>
/// <param name="Phase">The phase after this happened.</param>
/// <param name="At">When it happened, by the wall clock.</param>
/// <param name="Event">A fixed word: <c>onset</c>, <c>breach</c>, <c>declared</c>, ….</param>
/// <param name="Text">One line for people.</param>
public sealed record IncidentProgress(
    string IncidentId,
    string Service,
    IncidentPhase Phase,
    DateTimeOffset At,
    string Event,
    string Text);
