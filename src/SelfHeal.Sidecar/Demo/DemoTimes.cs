using System.Collections.Immutable;
using SelfHeal.Sidecar.Admin;

namespace SelfHeal.Sidecar.Demo;

/// <summary>
/// Where the time went: the first failing response is the load's word, all else comes from the record.
/// </summary>
internal static class DemoTimes
{
    private static readonly (string Event, string Name)[] Chain =
    [
        ("flush", "flush with it received"),
        ("breach", "breach"),
        ("persistent", "persistence satisfied"),
        ("appended", "record appended"),
        ("pushed", "pushed"),
        ("acked", "ACKed"),
    ];

    /// <summary>The steps in their order; a step that the timeline does not name has no times.</summary>
    public static ImmutableArray<DemoStep> Steps(DateTimeOffset firstFailure, ImmutableArray<TimelineEntry> timeline)
    {
        var steps = ImmutableArray.CreateBuilder<DemoStep>();
        steps.Add(new DemoStep("first failing response", firstFailure, TimeSpan.Zero, null));
        var before = firstFailure;
        foreach (var (name, text) in Chain)
        {
            // Earlier flushes are of healthy times; every other step comes once, or its first one counts.
            var found = timeline.FirstOrDefault(entry =>
                string.Equals(entry.Event, name, StringComparison.Ordinal)
                && (entry.At >= firstFailure || name is not "flush"));
            steps.Add(new DemoStep(text, found?.At, found?.At - firstFailure, found?.At - before));
            before = found?.At ?? before;
        }

        return steps.ToImmutable();
    }

    /// <summary>When Envoy held the first change that was pushed; null when there was none.</summary>
    public static DateTimeOffset? AckedAt(ImmutableArray<TimelineEntry> timeline) =>
        timeline.FirstOrDefault(entry => entry.Event is "acked")?.At;
}
