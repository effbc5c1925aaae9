using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Delegation;

/// <summary>An open relayed stream of either variant; from any thread.</summary>
internal interface IRelayStream : IServedStream
{
    /// <summary>Unique in this process.</summary>
    long Id { get; }

    /// <summary>What the upstream gave, without overlays; null while it has given nothing.</summary>
    ValidatedSnapshot? Given { get; }

    /// <summary>Why there is no upstream for it; empty while there is one.</summary>
    string Problem { get; }

    /// <summary>Lets the pump look again.</summary>
    void Wake();
}
