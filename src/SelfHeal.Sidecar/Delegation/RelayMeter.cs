using System.Diagnostics.Metrics;

namespace SelfHeal.Sidecar.Delegation;

/// <summary>What is measured of relaying. It has no labels.</summary>
internal sealed class RelayMeter
{
    private readonly Counter<long> _lost;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _restored;
    private readonly Counter<long> _returned;
    private readonly Counter<long> _rejected;
    private int _connected;

    /// <summary>Registers the instruments.</summary>
    /// <param name="meters">The host's factory.</param>
    public RelayMeter(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create("SelfHeal.Delegation");
        meter.CreateObservableGauge(
            "selfheal.upstream.streams",
            () => Volatile.Read(ref _connected),
            description: "Streams to the upstream that it answers");
        _lost = meter.CreateCounter<long>(
            "selfheal.upstream.lost", description: "Streams to the upstream that ended after it had answered");
        _failed = meter.CreateCounter<long>(
            "selfheal.upstream.failures", description: "Attempts that ended before the upstream answered");
        _refused = meter.CreateCounter<long>(
            "selfheal.upstream.refused.responses", description: "Responses of the upstream that cannot be relayed");
        _restored = meter.CreateCounter<long>(
            "selfheal.upstream.restored", description: "Streams that were served what their node was given last");
        _returned = meter.CreateCounter<long>(
            "selfheal.delegate.returns",
            description: "Streams that came back from another control plane, where no overlay is in force");
        _rejected = meter.CreateCounter<long>(
            "selfheal.delegate.rejected.overlays",
            description: "Times that a proxy rejected what an overlay made and was given the upstream's own again");
    }

    /// <summary>An upstream answers a stream.</summary>
    public void Connected() => Interlocked.Increment(ref _connected);

    /// <summary>A stream to the upstream has ended though its Envoy is there.</summary>
    /// <param name="wasConnected">Whether it had answered.</param>
    public void Lost(bool wasConnected)
    {
        if (wasConnected)
            _lost.Add(1);
        else
            _failed.Add(1);
    }

    /// <summary>A stream that the upstream answered has ended, for whatever reason.</summary>
    public void Closed() => Interlocked.Decrement(ref _connected);

    /// <summary>A response cannot be relayed.</summary>
    public void Refused() => _refused.Add(1);

    /// <summary>A stream is served what is kept.</summary>
    public void Restored() => _restored.Add(1);

    /// <summary>An Envoy comes from another control plane.</summary>
    public void Returned() => _returned.Add(1);

    /// <summary>A proxy rejected what an overlay made.</summary>
    public void Rejected() => _rejected.Add(1);
}
