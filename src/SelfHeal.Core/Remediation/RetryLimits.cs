using System.Collections.Immutable;

namespace SelfHeal.Core.Remediation;

/// <summary>
/// How a retry policy is lowered. Null leaves a part as it is; nothing may be more than what it is laid over: retries
/// multiply load, so an overlay never adds any.
/// </summary>
public sealed record RetryLimits
{
    /// <summary>Retries of one request; 0 is none.</summary>
    public uint? Retries { get; init; }

    /// <summary>The conditions that are kept, such as <c>5xx</c> or <c>connect-failure</c>.</summary>
    public ImmutableArray<string>? Conditions { get; init; }

    /// <summary>The response codes that are kept (<c>retriable_status_codes</c>).</summary>
    public ImmutableArray<uint>? StatusCodes { get; init; }

    /// <summary>How long one try may take; more than zero.</summary>
    public TimeSpan? PerTryTimeout { get; init; }

    /// <summary>How long one try may be idle; more than zero.</summary>
    public TimeSpan? PerTryIdleTimeout { get; init; }
}
