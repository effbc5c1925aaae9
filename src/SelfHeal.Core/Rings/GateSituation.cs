namespace SelfHeal.Core.Rings;

/// <summary>What the gate wants to know beside the diagnosis.</summary>
/// <param name="Service">The service.</param>
/// <param name="ProxiesInScope">Proxies that hold the route.</param>
/// <param name="Routes">Routes that split the service.</param>
/// <param name="HasReceiver">A sibling with traffic is left to receive what is shifted.</param>
/// <param name="ScopeBusy">Another action is open on the scope.</param>
/// <param name="ActionsTaken">Actions in this incident so far.</param>
/// <param name="PersistentFlushes">Flushes since onset in which the effect held alone.</param>
/// <param name="HoldsInNewestFlush">The effect held in the newest flush alone.</param>
/// <param name="ReceiversInBreach">Some sibling that would receive the traffic is in breach itself.</param>
/// <param name="LoadFactorPpm">How much more the siblings would get: 1,111,111 is 1.11 times.</param>
/// <param name="LedgerAvailable">Records can be appended.</param>
public sealed record GateSituation(
    string Service,
    int ProxiesInScope,
    int Routes,
    bool HasReceiver,
    bool ScopeBusy,
    int ActionsTaken,
    int PersistentFlushes,
    bool HoldsInNewestFlush,
    bool ReceiversInBreach,
    long LoadFactorPpm,
    bool LedgerAvailable)
{
    /// <summary>The service carries gRPC and its failures cannot be seen.</summary>
    public bool IsBlind { get; init; }
}
