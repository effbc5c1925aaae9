using System.Collections.Immutable;

namespace SelfHeal.Core.Diagnosis;

/// <summary>One possible cause with the weight of the evidence for it.</summary>
/// <param name="Kind">The cause.</param>
/// <param name="Target">What it blames: a version for <see cref="HypothesisKind.VersionRegression"/>, else the service.
/// </param>
/// <param name="PriorPercent">Share of incidents with this cause before anything was seen.</param>
/// <param name="Decibans">Sum per dependence group, clipped, in the order of <see cref="EvidenceGroup"/>.</param>
/// <param name="FalsificationDecibans">What a failed contract of its action in this incident is worth; 0 or negative.
/// </param>
/// <param name="TotalDecibans">The sum over the groups and the falsification.</param>
/// <param name="ProbabilityPpm">Odds normalised over all hypotheses.</param>
/// <param name="CalibratedPpm">After calibration; uncalibrated, the log-odds halved.</param>
/// <param name="LowerBoundPpm">The lower bound that the gate reads.</param>
/// <param name="Falsified">A contract failed on an action for this cause in this incident.</param>
public sealed record Hypothesis(
    HypothesisKind Kind,
    string Target,
    int PriorPercent,
    ImmutableArray<int> Decibans,
    int FalsificationDecibans,
    int TotalDecibans,
    int ProbabilityPpm,
    int CalibratedPpm,
    int LowerBoundPpm,
    bool Falsified)
{
    /// <summary>How many dependence groups speak for it.</summary>
    public int PositiveGroups => Decibans.Count(static group => group > 0);
}
