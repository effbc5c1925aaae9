using System.Collections.Immutable;
using SelfHeal.Core.Detection;

namespace SelfHeal.Core.Diagnosis;

/// <summary>
/// What each signal says for or against each cause, in integer decibans, and how common each cause is. First values,
/// until incidents are labelled: a cause's own signal +8 in breach and -8 measured clear, each signal that it also
/// predicts +4 and -4, a deterministic bit +12; contrast counts as computed.
/// </summary>
public static class WeightTable
{
    /// <summary>The version that records name.</summary>
    public const string Version = "declared-2";

    /// <summary>A group's sum is clipped to this many decibans on either side.</summary>
    public const int GroupLimit = 12;

    /// <summary>What a failed contract says about the cause that its action addressed: as much as two whole groups, so
    /// that the very evidence that misled cannot lead again.</summary>
    public const int FalsificationDecibans = -2 * GroupLimit;

    private const int Own = 8;
    private const int Predicted = 4;
    private const int Bit = 12;

    private static readonly ImmutableArray<Row> Rows =
    [
        new(HypothesisKind.VersionRegression, Signal.VersionErrors, Own, -Own),
        // A regression of the application leaves connections alone: refused ones speak against it.
        new(HypothesisKind.VersionRegression, Signal.ConnectFailures, -Predicted, Predicted),
        new(HypothesisKind.RegressionOfAllVersions, Signal.AllVersionErrors, Own, -Own),
        new(HypothesisKind.RegressionOfAllVersions, Signal.ConnectFailures, -Predicted, Predicted),
        new(HypothesisKind.PoolExhaustion, Signal.PoolOverflow, Own, -Own),
        new(HypothesisKind.PoolExhaustion, Signal.VersionErrors, Predicted, -Predicted),
        new(HypothesisKind.UnhealthySubset, Signal.Ejections, Own, -Own),
        new(HypothesisKind.UnhealthySubset, Signal.VersionErrors, Predicted, -Predicted),
        new(HypothesisKind.UnhealthySubset, Signal.ConnectFailures, Predicted, -Predicted),
        new(HypothesisKind.CrashLoop, Signal.ConnectFailures, Predicted, -Predicted),
        new(HypothesisKind.CrashLoop, Signal.VersionErrors, Predicted, -Predicted),
        new(HypothesisKind.BadConfiguration, Signal.UpdateRejected, Bit, -Own),
        new(HypothesisKind.RetryStorm, Signal.RetryOverflow, Own, -Own),
        new(HypothesisKind.RetryStorm, Signal.PoolOverflow, Predicted, -Predicted),
        new(HypothesisKind.Certificate, Signal.HandshakeFailures, Own, -Own),

        // Looked at wherever they are measured; that one of them is quiet says nothing about the others.
        new(HypothesisKind.VersionRegression, Signal.GrpcFailures, Own, 0),
        new(HypothesisKind.VersionRegression, Signal.SlowResponses, Predicted, 0),
        new(HypothesisKind.VersionRegression, Signal.Resets, Predicted, 0),
        new(HypothesisKind.RegressionOfAllVersions, Signal.GrpcFailures, Predicted, 0),
        new(HypothesisKind.RegressionOfAllVersions, Signal.SlowResponses, Predicted, 0),
        new(HypothesisKind.PoolExhaustion, Signal.SlowResponses, Predicted, 0),
        new(HypothesisKind.PoolExhaustion, Signal.Congestion, Predicted, 0),
        new(HypothesisKind.UnhealthySubset, Signal.Resets, Predicted, 0),
        new(HypothesisKind.CrashLoop, Signal.Resets, Predicted, 0),
        new(HypothesisKind.RetryStorm, Signal.RetriedErrors, Predicted, 0),
        new(HypothesisKind.BadConfiguration, Signal.NoRoute, Own, 0),
        new(HypothesisKind.BadConfiguration, Signal.Denials, Predicted, 0),
        new(HypothesisKind.BadConfiguration, Signal.Collapse, Predicted, 0),
        new(HypothesisKind.BadConfiguration, Signal.ControlPlaneLost, Predicted, 0),
        // Since declared-2 was named: no record of before can hold this signal, so the name still says one thing.
        new(HypothesisKind.BadConfiguration, Signal.ConfigurationDrift, Predicted, 0),
        // The same holds for these. They speak of every proxy of the upstream and need not concern this gateway, so
        // they are no deterministic bits: what the gateway's own proxies say of rejected updates outweighs them. That
        // no proxy anywhere rejects anything is no news either.
        new(HypothesisKind.BadConfiguration, Signal.UpstreamRejections, Predicted, 0),
        new(HypothesisKind.BadConfiguration, Signal.UpstreamPushFailures, Predicted, 0),
        new(HypothesisKind.BadConfiguration, Signal.WarmingTooLong, Bit, 0),
        new(HypothesisKind.GatewayLocal, Signal.GatewayOverload, Bit, 0),
        new(HypothesisKind.GatewayLocal, Signal.ProxyRestarted, Bit, 0),
        new(HypothesisKind.Certificate, Signal.DownstreamHandshakes, Own, 0),
        new(HypothesisKind.Certificate, Signal.CertificateExpired, Bit, 0),
    ];

    /// <summary>Share of incidents with this cause before anything was seen, in percent; they sum to 100.</summary>
    /// <param name="kind">The cause.</param>
    public static int PriorPercent(HypothesisKind kind) => kind switch
    {
        HypothesisKind.VersionRegression => 25,
        HypothesisKind.RegressionOfAllVersions => 15,
        HypothesisKind.PoolExhaustion => 10,
        HypothesisKind.UnhealthySubset => 10,
        HypothesisKind.CrashLoop => 10,
        HypothesisKind.BadConfiguration => 10,
        HypothesisKind.RetryStorm => 4,
        HypothesisKind.GatewayLocal => 4,
        HypothesisKind.Certificate => 2,
        HypothesisKind.Unknown => 10,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a hypothesis"),
    };

    /// <summary>The failure class of a cause.</summary>
    /// <param name="kind">The cause.</param>
    public static FailureClass ClassOf(HypothesisKind kind) => kind switch
    {
        HypothesisKind.VersionRegression or HypothesisKind.RegressionOfAllVersions => FailureClass.Dependency,
        HypothesisKind.UnhealthySubset or HypothesisKind.CrashLoop => FailureClass.Dependency,
        HypothesisKind.PoolExhaustion or HypothesisKind.RetryStorm or HypothesisKind.GatewayLocal =>
            FailureClass.Capacity,
        HypothesisKind.BadConfiguration or HypothesisKind.Certificate => FailureClass.Configuration,
        _ => FailureClass.None,
    };

    /// <summary>What one item says about one cause, in decibans; 0 when it says nothing.</summary>
    /// <param name="kind">The cause.</param>
    /// <param name="item">The item. Its contrast counts for one version's regression and, negated, for a regression of
    /// all of them.</param>
    public static int Decibans(HypothesisKind kind, EvidenceItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (item.Signal == Signal.VersionContrast)
        {
            return kind switch
            {
                HypothesisKind.VersionRegression => item.ContrastDecibans,
                HypothesisKind.RegressionOfAllVersions => -item.ContrastDecibans,
                _ => 0,
            };
        }

        foreach (var row in Rows)
        {
            if (row.Kind == kind && row.Signal == item.Signal)
            {
                return item.Verdict switch
                {
                    Verdict.Breach => row.InBreach,
                    Verdict.Clear => row.MeasuredClear,
                    _ => 0,
                };
            }
        }

        return 0;
    }

    private readonly record struct Row(HypothesisKind Kind, Signal Signal, int InBreach, int MeasuredClear);
}
