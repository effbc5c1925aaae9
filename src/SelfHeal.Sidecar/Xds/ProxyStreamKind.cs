namespace SelfHeal.Sidecar.Xds;

/// <summary>What a stream is, as far as it is known when it opens.</summary>
/// <param name="Delta">Whether it speaks the incremental variant.</param>
/// <param name="OnlyType">The only type that it carries; null on the aggregated service.</param>
internal sealed record ProxyStreamKind(bool Delta, string? OnlyType)
{
    /// <summary>A stream of the aggregated service in the state-of-the-world variant.</summary>
    public static ProxyStreamKind Aggregated { get; } = new(Delta: false, OnlyType: null);
}
