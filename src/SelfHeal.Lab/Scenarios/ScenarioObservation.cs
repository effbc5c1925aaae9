namespace SelfHeal.Lab.Scenarios;

/// <summary>What was seen of one run, from outside SelfHeal wherever that is possible.</summary>
/// <param name="Events">The events of the incident's timeline, in order.</param>
/// <param name="DigestBefore">The digest of the routes that the data plane held before the onset.</param>
/// <param name="DigestAfter">The same at the end.</param>
/// <param name="CanaryRequestsLate">Requests that reached the canary later than one second after the ACK; null when
/// nothing was pushed.</param>
public sealed record ScenarioObservation(
    IReadOnlyList<string> Events, string? DigestBefore, string? DigestAfter, long? CanaryRequestsLate);
