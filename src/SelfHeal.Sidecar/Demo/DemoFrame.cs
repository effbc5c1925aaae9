using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Demo;

/// <summary>What there is to see at one moment.</summary>
/// <param name="At">The moment.</param>
/// <param name="Elapsed">Since the load began.</param>
/// <param name="Phase">SelfHeal's phase of the incident, or what the demo does before there is one.</param>
/// <param name="Waiting">What is being waited for.</param>
/// <param name="Progress">How much of that wait is over at most, 0 to 1; null when there is no telling.</param>
/// <param name="Versions">One row per version.</param>
/// <param name="Events">Everything that happened, oldest first; it only grows.</param>
internal sealed record DemoFrame(
    DateTimeOffset At,
    TimeSpan Elapsed,
    string Phase,
    string Waiting,
    double? Progress,
    ImmutableArray<DemoVersionRow> Versions,
    IReadOnlyList<DemoEvent> Events);
