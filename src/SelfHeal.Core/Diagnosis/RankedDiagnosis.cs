using System.Collections.Immutable;

namespace SelfHeal.Core.Diagnosis;

/// <summary>The ranked hypotheses of one incident at one moment.</summary>
/// <param name="Hypotheses">By falling probability, ties by <see cref="HypothesisKind"/>; never empty.</param>
/// <param name="Evidence">What they were computed from.</param>
/// <param name="MarginDecibans">How far the runner-up is behind, in tenths of a bel, before calibration.</param>
/// <param name="WeightsVersion">Version of the weight table.</param>
/// <param name="Calibrated">False until 50 labelled incidents: log-odds halved, bound 0.9 times the result.</param>
public sealed record RankedDiagnosis(
    ImmutableArray<Hypothesis> Hypotheses,
    ImmutableArray<EvidenceItem> Evidence,
    int MarginDecibans,
    string WeightsVersion,
    bool Calibrated)
{
    /// <summary>The leading hypothesis.</summary>
    public Hypothesis Leading => Hypotheses[0];
}
