using System.Globalization;
using SelfHeal.Core.Actions;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Diagnosis;

namespace SelfHeal.Core.Narrative;

/// <summary>How fields are worded: every sentence that people read is made of these and of templates.</summary>
public static class Wording
{
    /// <summary>Why nothing is done by itself about a gRPC service without <c>grpc_stats</c>.</summary>
    public const string Blind = "the service carries gRPC, whose failures are HTTP 200, and no grpc_stats filter "
        + "counts them";

    /// <summary>What makes it see again, for a human.</summary>
    public const string BlindAdvice = Blind + ": add it to the listener that leads there, then it can be judged";

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>The cause as a sentence fragment.</summary>
    /// <param name="hypothesis">The cause.</param>
    /// <param name="service">The service.</param>
    public static string Cause(Hypothesis hypothesis, string service)
    {
        ArgumentNullException.ThrowIfNull(hypothesis);
        return hypothesis.Kind switch
        {
            HypothesisKind.VersionRegression => $"regression in version {hypothesis.Target} of {service}",
            HypothesisKind.RegressionOfAllVersions =>
                $"regression of all versions of {service}, or of something that they all depend on",
            HypothesisKind.PoolExhaustion => $"exhausted connection pool or circuit breaker in front of {service}",
            HypothesisKind.UnhealthySubset => $"unhealthy hosts among those of {service}",
            HypothesisKind.CrashLoop => $"crash-looping or OOM-killed pods of {service}",
            HypothesisKind.BadConfiguration => "rejected or harmful gateway configuration",
            HypothesisKind.RetryStorm => $"retry storm on {service}",
            HypothesisKind.GatewayLocal => "trouble in the gateway itself",
            HypothesisKind.Certificate => "expired or mis-rotated certificate",
            _ => "unknown cause",
        };
    }

    /// <summary>The cause with its confidence, for a human who has to act on it.</summary>
    /// <param name="hypothesis">The cause.</param>
    /// <param name="service">The service.</param>
    public static string LikeliestCause(Hypothesis hypothesis, string service)
    {
        ArgumentNullException.ThrowIfNull(hypothesis);
        return $"likeliest cause: {Cause(hypothesis, service)} (confidence {TwoPlaces(hypothesis.CalibratedPpm)})";
    }

    /// <summary>One item of evidence as a line.</summary>
    /// <param name="item">The item.</param>
    public static string Evidence(EvidenceItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (item.Signal is Signal.UpstreamRejections or Signal.UpstreamPushFailures)
            return $"{item.Metric} {item.Events} in {Seconds(item.WindowMillis)}: {Word(item.Verdict)}";
        if (item.ThresholdMicroNats == 0)
            return $"{item.Metric} {item.Events} in {item.WindowBlocks} flushes: {Word(item.Verdict)}";
        var line = $"{item.Metric} {item.Events} of {item.Trials}";
        if (item.WindowMillis > 0)
            line += $" in {Seconds(item.WindowMillis)}";
        if (item.Signal == Signal.VersionContrast)
        {
            line += $" against {item.SiblingEvents} of {item.SiblingTrials} at its siblings:"
                + $" {Signed(item.ContrastDecibans)} dB, ";
        }
        else
        {
            line += $" (baseline {Percent(item.BaselinePpm)}, {item.BaselineSource}): ";
        }

        return $"{line}F {Nats(item.StatisticMicroNats)} against {Nats(item.ThresholdMicroNats)}, {Word(item.Verdict)}";
    }

    /// <summary>Why something was refused, as a sentence fragment.</summary>
    /// <param name="reason">The reason.</param>
    public static string Reason(ReasonCode reason) => reason switch
    {
        ReasonCode.RingCeiling => "the service's ring ceiling does not allow it",
        ReasonCode.ConfidenceBelowBar => "the confidence is below the ring's bar",
        ReasonCode.MarginTooSmall => "the runner-up is too close behind",
        ReasonCode.TooFewIndependentGroups => "fewer than two independent groups of evidence agree",
        ReasonCode.DeterministicContradiction => "rejected configuration says otherwise",
        ReasonCode.NotPersistent => "the effect has not lasted long enough",
        ReasonCode.RiskTooHigh => "the risk is above what the ring allows",
        ReasonCode.StateSensitive => "it would touch state that cannot be repeated",
        ReasonCode.WrongForCause => "it does not address the leading cause",
        ReasonCode.SiblingsFailAlike => "every version fails alike, so shifting traffic cannot help",
        ReasonCode.Falsified => "it was tried in this incident and did not help",
        ReasonCode.TooManyActions => "the limit of actions in one incident is reached",
        ReasonCode.Frozen => "the policy freezes all actions",
        ReasonCode.NoProxyInScope => "no proxy holds the route",
        ReasonCode.ReceiverInBreach => "a version that would receive the traffic is in breach itself",
        ReasonCode.ReceiverOverload => "the receivers would get more traffic than the policy allows",
        ReasonCode.NoReceiver => "no sibling takes traffic that could receive it",
        ReasonCode.LedgerUnavailable => "the ledger cannot be written",
        ReasonCode.ScopeBusy => "another action is open on the route",
        ReasonCode.SeveralRoutes => "more than one route splits the service",
        ReasonCode.NothingInCatalog => "the catalog holds nothing for the leading cause",
        ReasonCode.BlindGrpc => Blind,
        ReasonCode.NoWritableSplit => "no route configuration of its own (RDS) splits that version from its siblings",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "not a reason"),
    };

    /// <summary>Parts per million as a percentage.</summary>
    /// <param name="ppm">Parts per million.</param>
    public static string Percent(long ppm) => $"{(ppm / 10_000m).ToString("0.####", Invariant)} %";

    /// <summary>Parts per million as a decimal with two places, for the article's view.</summary>
    /// <param name="ppm">Parts per million.</param>
    public static decimal TwoPlaces(long ppm) => Math.Round(ppm / 1_000_000m, 2, MidpointRounding.AwayFromZero);

    /// <summary>Milliseconds as seconds.</summary>
    /// <param name="millis">Milliseconds.</param>
    public static string Seconds(long millis) => $"{(millis / 1000m).ToString("0.#", Invariant)} s";

    /// <summary>A moment as the article writes it.</summary>
    /// <param name="at">The moment.</param>
    public static string Moment(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", Invariant);

    /// <summary>The time of day with seconds, UTC.</summary>
    /// <param name="at">The moment.</param>
    public static string TimeOfDay(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm:ss", Invariant);

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Breach => "breach",
        Verdict.Clear => "clear",
        _ => "no evidence",
    };

    private static string Nats(long micros) => (micros / 1_000_000m).ToString("0.0", Invariant);

    private static string Signed(int value) => value.ToString("+0;-0;0", Invariant);
}
