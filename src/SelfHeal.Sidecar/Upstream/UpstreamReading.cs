using System.Collections.Immutable;
using SelfHeal.Core.Upstream;

namespace SelfHeal.Sidecar.Upstream;

/// <summary>The upstream's counters at one moment, since its start. One that it does not tell of is 0: Istiod shows a
/// counter only once it has counted.</summary>
internal sealed class UpstreamReading
{
    /// <summary>Responses that proxies rejected, by xDS type.</summary>
    public SortedDictionary<string, double> Rejects { get; } = new(StringComparer.Ordinal);

    /// <summary>Responses that it sent.</summary>
    public double Pushes { get; set; }

    /// <summary>Responses that it could not build or send.</summary>
    public double PushErrors { get; set; }

    /// <summary>Errors within it while it computed configuration.</summary>
    public double InternalErrors { get; set; }

    /// <summary>Responses that a proxy did not take in time.</summary>
    public double Timeouts { get; set; }

    /// <summary>How many proxies are connected to it.</summary>
    public double ConnectedProxies { get; set; }

    /// <summary>When its process was started, in seconds since 1970; 0 where it does not say.</summary>
    public double StartedSeconds { get; set; }

    /// <summary>How long proxies took.</summary>
    public ConvergenceHistogram Convergence { get; } = new();

    /// <summary>Whether a counter fell, one vanished, or the process says that it is another one.</summary>
    /// <param name="before">The reading before.</param>
    public bool IsOfAnotherProcess(UpstreamReading before) =>
        StartedSeconds != before.StartedSeconds
        || before.Rejects.Any(pair => Rejects.GetValueOrDefault(pair.Key) < pair.Value)
        || Pushes < before.Pushes
        || PushErrors < before.PushErrors
        || InternalErrors < before.InternalErrors
        || Timeouts < before.Timeouts
        || !Convergence.Continues(before.Convergence);

    /// <summary>What happened between two readings.</summary>
    /// <param name="before">The reading before; null where there is none of the same process.</param>
    /// <param name="span">The time between them.</param>
    public UpstreamReport Since(UpstreamReading? before, TimeSpan span)
    {
        if (before is null)
            return UpstreamReport.Without(UpstreamAnswer.Read) with { ConnectedProxies = Whole(ConnectedProxies) };
        var percentile = Convergence.Percentile99Since(before.Convergence);
        return new UpstreamReport(
            UpstreamAnswer.Read,
            (long)span.TotalMilliseconds,
            RejectsSince(before),
            Whole(PushErrors - before.PushErrors),
            Whole(InternalErrors - before.InternalErrors),
            Whole(Timeouts - before.Timeouts),
            Whole(Pushes - before.Pushes),
            Whole(Convergence.Count - before.Convergence.Count),
            percentile is { } slowest ? (long)slowest.TotalMilliseconds : null,
            Whole(ConnectedProxies));
    }

    private ImmutableArray<RejectCount> RejectsSince(UpstreamReading before) =>
    [
        .. Rejects
            .Select(pair => new RejectCount(pair.Key, Whole(pair.Value - before.Rejects.GetValueOrDefault(pair.Key))))
            .Where(static count => count.Rejects > 0),
    ];

    private static long Whole(double value) => (long)value;
}
