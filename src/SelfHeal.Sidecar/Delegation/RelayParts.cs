using Microsoft.Extensions.Logging;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Xds;

namespace SelfHeal.Sidecar.Delegation;

/// <summary>What all relayed streams share.</summary>
/// <param name="Hub">The open streams, and the overlays.</param>
/// <param name="Pool">The upstream's addresses.</param>
/// <param name="Keeper">What nodes were given last.</param>
/// <param name="Registry">Who holds what.</param>
/// <param name="Meter">Counts.</param>
/// <param name="Clock">The time that sessions are told.</param>
/// <param name="Time">The clock of pauses.</param>
/// <param name="Options">How long a stream waits for an upstream.</param>
/// <param name="Logger">Where streams are logged.</param>
internal sealed record RelayParts(
    RelayHub Hub,
    UpstreamPool Pool,
    UpstreamKeeper Keeper,
    ProxyRegistry Registry,
    RelayMeter Meter,
    ControlClock Clock,
    TimeProvider Time,
    UpstreamOptions Options,
    ILogger<RelayParts> Logger)
{
    /// <summary>How long an Envoy waits for an upstream that says nothing.</summary>
    public TimeSpan Patience => Options.Patience;
}
