namespace SelfHeal.Sidecar.Xds;

/// <summary>A moment on both clocks: one to show, one to measure by.</summary>
/// <param name="Time">The wall clock.</param>
/// <param name="Elapsed">The monotonic clock, from any start.</param>
internal readonly record struct ProxyMoment(DateTimeOffset Time, TimeSpan Elapsed)
{
    /// <summary>How much later this is.</summary>
    public TimeSpan Since(ProxyMoment earlier) => Elapsed - earlier.Elapsed;
}
