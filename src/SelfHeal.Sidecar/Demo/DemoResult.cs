using System.Collections.Immutable;
using SelfHeal.Lab.Load;
using SelfHeal.Lab.Scenarios;

namespace SelfHeal.Sidecar.Demo;

/// <summary>What one run showed.</summary>
/// <param name="Seed">Repeats it.</param>
/// <param name="DataPlane">Who carried the requests.</param>
/// <param name="Findings">What had to hold, and whether it did.</param>
/// <param name="Digests">The route as the data plane held it, in order.</param>
/// <param name="Steps">From the first failing response to the ACK; empty when nothing failed.</param>
/// <param name="TimeToAck">Between those two; null when nothing was pushed.</param>
/// <param name="Failing">Failing responses from the onset on.</param>
/// <param name="CanaryRequestsLate">Requests that reached the canary later than 1 s after the ACK; null where the
/// scenario
/// does not keep it away from traffic.</param>
/// <param name="Load">The counts at the end.</param>
/// <param name="Record">The decision record in JSON; null when there was no incident.</param>
/// <param name="Narrative">Its text for people; null as well.</param>
/// <param name="Directory">Where logs and state are; kept only when something did not hold.</param>
internal sealed record DemoResult(
    ulong Seed,
    string DataPlane,
    ImmutableArray<ScenarioFinding> Findings,
    ImmutableArray<DemoDigest> Digests,
    ImmutableArray<DemoStep> Steps,
    TimeSpan? TimeToAck,
    long Failing,
    long? CanaryRequestsLate,
    LoadSnapshot Load,
    string? Record,
    string? Narrative,
    string Directory)
{
    /// <summary>Whether it ended as its scenario must.</summary>
    public bool Held => Findings.All(finding => finding.Held);
}
