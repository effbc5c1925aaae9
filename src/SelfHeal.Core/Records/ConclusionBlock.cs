using System.Collections.Immutable;
using SelfHeal.Core.Diagnosis;

namespace SelfHeal.Core.Records;

/// <summary>What is believed.</summary>
/// <param name="Cause">The leading cause as a sentence, from a template.</param>
/// <param name="Class">Its failure class.</param>
/// <param name="Hypotheses">All causes, ranked.</param>
/// <param name="MarginDecibans">How far the runner-up is behind.</param>
/// <param name="WeightsVersion">Version of the weight table.</param>
/// <param name="Calibration"><c>uncalibrated</c> until 50 incidents are labelled.</param>
/// <param name="Falsified">Causes whose action failed its contract in this incident.</param>
public sealed record ConclusionBlock(
    string Cause,
    FailureClass Class,
    ImmutableArray<Hypothesis> Hypotheses,
    int MarginDecibans,
    string WeightsVersion,
    string Calibration,
    ImmutableArray<HypothesisKind> Falsified);
