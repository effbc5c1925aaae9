using System.Collections.Immutable;
using SelfHeal.Core.Detection;

namespace SelfHeal.Core.Diagnosis;

/// <summary>
/// Adds up decibans. Odds are normalised over all causes, the unknown one included, so that evidence which fits nothing
/// leaves nobody certain.
/// </summary>
public static class Diagnostician
{
    private const int Million = 1_000_000;
    private const double NatsPerDeciban = 0.23025850929940457;

    /// <summary>What the gate may rely on of a probability while nothing is calibrated.</summary>
    private const double UncalibratedBound = 0.9;

    private static readonly ImmutableArray<HypothesisKind> Kinds = [.. Enum.GetValues<HypothesisKind>()];

    /// <summary>Ranks the causes.</summary>
    /// <param name="service">The service in trouble.</param>
    /// <param name="suspectVersion">The version whose contrast is strongest, or null where the service has one only.
    /// </param>
    /// <param name="evidence">All items, breaches, clears and missing ones alike.</param>
    /// <param name="falsified">Causes whose action failed its contract in this incident; they can lead no more.</param>
    public static RankedDiagnosis Diagnose(
        string service,
        string? suspectVersion,
        ImmutableArray<EvidenceItem> evidence,
        ImmutableHashSet<HypothesisKind> falsified)
    {
        var groups = Enum.GetValues<EvidenceGroup>().Length;
        var scored = new List<(HypothesisKind Kind, ImmutableArray<int> Groups, int Total, double Odds)>(Kinds.Length);
        var sum = 0.0;
        foreach (var kind in Kinds)
        {
            if (kind == HypothesisKind.VersionRegression && suspectVersion is null)
                continue;
            var decibans = new int[groups];
            foreach (var item in evidence)
                decibans[(int)item.Group] += WeightTable.Decibans(kind, item);
            for (var i = 0; i < groups; i++)
                decibans[i] = Math.Clamp(decibans[i], -WeightTable.GroupLimit, WeightTable.GroupLimit);
            var falsification = falsified.Contains(kind) ? WeightTable.FalsificationDecibans : 0;
            var total = decibans.Sum() + falsification;
            var odds = WeightTable.PriorPercent(kind) * FixedMath.Exp(total * NatsPerDeciban);
            sum += odds;
            scored.Add((kind, [.. decibans], total, odds));
        }

        var ranked = scored.OrderByDescending(static s => s.Odds).ThenBy(static s => s.Kind).ToList();
        var hypotheses = ranked.Select(s => ToHypothesis(s.Kind, s.Groups, s.Total, s.Odds / sum)).ToImmutableArray();
        return new RankedDiagnosis(
            hypotheses, evidence, Margin(ranked[0].Odds, ranked[1].Odds), WeightTable.Version, Calibrated: false);

        Hypothesis ToHypothesis(HypothesisKind kind, ImmutableArray<int> decibans, int total, double probability)
        {
            // Without a suspect this kind was left out above.
            var target = kind == HypothesisKind.VersionRegression ? suspectVersion! : service;
            var calibrated = Halve(probability);
            return new Hypothesis(
                kind,
                target,
                WeightTable.PriorPercent(kind),
                decibans,
                falsified.Contains(kind) ? WeightTable.FalsificationDecibans : 0,
                total,
                ToPpm(probability),
                ToPpm(calibrated),
                ToPpm(calibrated * UncalibratedBound),
                falsified.Contains(kind));
        }
    }

    private static int Margin(double first, double second) =>
        (int)Math.Floor((FixedMath.Ln(first) - FixedMath.Ln(second)) / NatsPerDeciban);

    /// <summary>Halves the log-odds: p' = 1 / (1 + sqrt((1 - p) / p)). Square roots are exact in IEEE 754.</summary>
    private static double Halve(double probability) =>
        probability >= 1 ? 1 : 1 / (1 + Math.Sqrt((1 - probability) / probability));

    private static int ToPpm(double ratio) => (int)Math.Floor((ratio * Million) + 0.5);
}
