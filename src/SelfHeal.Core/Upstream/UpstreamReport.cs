using System.Collections.Immutable;

namespace SelfHeal.Core.Upstream;

/// <summary>
/// What an upstream control plane says of itself, for all proxies that it serves: its counters as differences since
/// they were read before. A process that was started anew, or another one behind the same address, gives none.
/// </summary>
/// <param name="Answer">Whether it could be asked; if not, every number is 0.</param>
/// <param name="SpanMillis">The time that the differences are over; 0 where there is nothing to compare with.</param>
/// <param name="Rejects">Responses that proxies rejected, by xDS type in ordinal order; types without any are left
/// out.</param>
/// <param name="PushErrors">Responses that it could not build or send.</param>
/// <param name="InternalErrors">Errors within it while it computed configuration.</param>
/// <param name="Timeouts">Responses that a proxy did not take in time.</param>
/// <param name="Pushes">Responses that it sent.</param>
/// <param name="Converged">Times that a proxy got all that a change meant for it.</param>
/// <param name="ConvergenceP99Millis">How long all but one in a hundred of these took at most, as the upper edge of a
/// bucket; the lower edge of the last one, which has no upper. Null where there was none.</param>
/// <param name="ConnectedProxies">How many proxies are connected to it.</param>
public sealed record UpstreamReport(
    UpstreamAnswer Answer,
    long SpanMillis,
    ImmutableArray<RejectCount> Rejects,
    long PushErrors,
    long InternalErrors,
    long Timeouts,
    long Pushes,
    long Converged,
    long? ConvergenceP99Millis,
    long ConnectedProxies)
{
    /// <summary>Responses that proxies rejected, by xDS type in ordinal order.</summary>
    public ImmutableArray<RejectCount> Rejects { get; init; } = Rejects.IsDefault
        ? throw new ArgumentException("the rejects are a list, if an empty one", nameof(Rejects))
        : Rejects;

    /// <summary>Whether anything in it speaks of configuration that did not arrive.</summary>
    public bool HasTrouble =>
        Rejects.Any(static r => r.Rejects > 0) || PushErrors > 0 || InternalErrors > 0 || Timeouts > 0;

    /// <summary>One that says that there was no answer, or none that could be read.</summary>
    /// <param name="answer">Which of the two.</param>
    public static UpstreamReport Without(UpstreamAnswer answer) => new(answer, 0, [], 0, 0, 0, 0, 0, null, 0);
}
