using Envoy.Config.Route.V3;

namespace SelfHeal.Lab.DataPlane;

/// <summary>Ways in which the model misbehaves towards its control plane; all may be changed while it runs.</summary>
public sealed class ModelFaults
{
    private volatile Func<RouteConfiguration, bool>? _rejectRoutes;
    private long _ackDelayTicks;
    private volatile bool _silent;
    private int _disconnectAfter;

    /// <summary>Route configurations for which it answers true are rejected with a NACK. Null rejects none.</summary>
    public Func<RouteConfiguration, bool>? RejectRoutes
    {
        get => _rejectRoutes;
        set => _rejectRoutes = value;
    }

    /// <summary>How long the model waits before it answers a response. Zero by default.</summary>
    public TimeSpan AckDelay
    {
        get => new(Interlocked.Read(ref _ackDelayTicks));
        set => Interlocked.Exchange(ref _ackDelayTicks, value.Ticks);
    }

    /// <summary>Whether the model reads responses, but neither applies nor answers them.</summary>
    public bool Silent
    {
        get => _silent;
        set => _silent = value;
    }

    /// <summary>Ends the ADS stream after as many more responses, before answering the last; then reconnects.</summary>
    /// <param name="responses">1 or more.</param>
    public void DisconnectAfter(int responses)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(responses);
        Volatile.Write(ref _disconnectAfter, responses);
    }

    /// <summary>Called for each response; true says that this one ends the stream.</summary>
    internal bool TakeDisconnect() =>
        Volatile.Read(ref _disconnectAfter) > 0 && Interlocked.Decrement(ref _disconnectAfter) == 0;
}
