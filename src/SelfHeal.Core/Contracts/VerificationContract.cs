using System.Collections.Immutable;

namespace SelfHeal.Core.Contracts;

/// <summary>
/// How success will be judged, declared before the first write and never changed after it. Ratios are parts per
/// million.
/// </summary>
/// <param name="Service">The service.</param>
/// <param name="Clusters">The clusters whose final responses the primary test counts together: every version, so that
/// trouble which moves with the traffic is seen.</param>
/// <param name="Guards">The clusters that receive the load: each is watched for a breach of its own.</param>
/// <param name="BadRatioPpm">The ratio of failures that must be excluded.</param>
/// <param name="AlphaPpm">The chance of a wrong pass.</param>
/// <param name="ShapeMicros">The shape k of the test, in millionths.</param>
/// <param name="CorrelationTime">Blocks closer than this are one piece of evidence.</param>
/// <param name="MinimumTrials">Responses without any failure that the test needs, at the least.</param>
/// <param name="Window">How long the contract is watched before it can pass.</param>
/// <param name="Deadline">From its start; undecided then means hand over.</param>
/// <param name="Expiry">How long the change may stay before a human is asked.</param>
/// <param name="MaxErrorsPerSecondMillis">Plain criterion, in thousandths per second; null for none.</param>
/// <param name="NoNewEjections">Plain criterion.</param>
public sealed record VerificationContract(
    string Service,
    ImmutableArray<string> Clusters,
    ImmutableArray<string> Guards,
    int BadRatioPpm,
    int AlphaPpm,
    long ShapeMicros,
    TimeSpan CorrelationTime,
    long MinimumTrials,
    TimeSpan Window,
    TimeSpan Deadline,
    TimeSpan Expiry,
    long? MaxErrorsPerSecondMillis,
    bool NoNewEjections)
{
    /// <summary>The criteria as one line for people.</summary>
    public string Criteria
    {
        get
        {
            var line = $"P(failures <= seen | ratio {Percent(BadRatioPpm)}) <= {Percent(AlphaPpm)}"
                + " AND no guard in breach";
            if (MaxErrorsPerSecondMillis is { } limit)
                line += $" AND upstream_rq_5xx < {limit / 1000m:0.###}/s";
            if (NoNewEjections)
                line += " AND zero new ejections";
            return line + $", sustained {Duration(Window)}";
        }
    }

    private static string Percent(int ppm) => $"{ppm / 10_000m:0.####} %";

    private static string Duration(TimeSpan span) => span.TotalMinutes >= 1 && span.Seconds == 0
        ? $"{span.TotalMinutes:0} min"
        : $"{span.TotalSeconds:0.###} s";
}
