namespace SelfHeal.Sidecar.Admin;

/// <summary>One thing that happened in an incident.</summary>
/// <param name="At">When, by the wall clock.</param>
/// <param name="Event">A stable name such as <c>declared</c> or <c>acked</c>.</param>
/// <param name="Text">What happened, for people.</param>
internal sealed record TimelineEntry(DateTimeOffset At, string Event, string Text);
