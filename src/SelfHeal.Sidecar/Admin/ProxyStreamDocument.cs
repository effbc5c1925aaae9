using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Admin;

/// <summary>One open stream of a proxy.</summary>
/// <param name="Stream">Its number, as the log has it.</param>
/// <param name="Variant"><c>sotw</c> or <c>delta</c>.</param>
/// <param name="OnlyType">The type of a service that serves one type only; null on the aggregated service.</param>
/// <param name="OpenedAt">When it opened.</param>
/// <param name="Types">By type in the order of sending.</param>
internal sealed record ProxyStreamDocument(
    long Stream,
    string Variant,
    string? OnlyType,
    DateTimeOffset OpenedAt,
    ImmutableArray<ProxyTypeDocument> Types);
