namespace SelfHeal.Sidecar.Demo;

/// <summary>What one version does now.</summary>
/// <param name="Version">Its name; <c>no answer</c> for requests that nobody answered.</param>
/// <param name="Weight">Its weight as SelfHeal serves it; null before the first answer.</param>
/// <param name="PerSecond">Answers in the last second.</param>
/// <param name="FailedPerSecond">Answers with 5xx in the last second.</param>
/// <param name="Failed">All answers with 5xx.</param>
internal sealed record DemoVersionRow(
    string Version, uint? Weight, double PerSecond, double FailedPerSecond, long Failed);
