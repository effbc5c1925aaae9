namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>One line of the log of <c>selfheal serve</c>.</summary>
/// <param name="At">When.</param>
/// <param name="EventId">Which message.</param>
/// <param name="Text">The message.</param>
internal sealed record ServeLogEntry(DateTimeOffset At, int EventId, string Text);
