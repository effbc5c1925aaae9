using System.Collections.Immutable;
using SelfHeal.Core.AccessLogs;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Loads;
using SelfHeal.Core.Remediation;
using SelfHeal.Core.Series;
using SelfHeal.Core.Topology;
using SelfHeal.Core.Upstream;

namespace SelfHeal.Core.Control;

/// <summary>
/// Something that happened outside. Events come in through the inbox of <see cref="ControlLoop.Step"/>; a closed set.
/// </summary>
public abstract record ControlEvent
{
    private ControlEvent()
    {
    }

    /// <summary>A stats stream was opened and has said who it is.</summary>
    /// <param name="Stream">Unique within the process.</param>
    /// <param name="Node">Envoy's node id.</param>
    /// <param name="NodeCluster">Envoy's node cluster.</param>
    public sealed record StatsStreamOpened(long Stream, string Node, string NodeCluster) : ControlEvent;

    /// <summary>A stats stream ended.</summary>
    /// <param name="Stream">Unique within the process.</param>
    public sealed record StatsStreamClosed(long Stream) : ControlEvent;

    /// <summary>A message of a stats stream was read.</summary>
    /// <param name="Batch">Pooled; the loop gives it back.</param>
    public sealed record StatsReceived(FlushBatch Batch) : ControlEvent;

    /// <summary>A proxy that had no xDS stream opened one.</summary>
    /// <param name="Node">Envoy's node id.</param>
    public sealed record ProxyConnected(string Node) : ControlEvent;

    /// <summary>The last xDS stream of a proxy ended.</summary>
    /// <param name="Node">Envoy's node id.</param>
    public sealed record ProxyDisconnected(string Node) : ControlEvent;

    /// <summary>
    /// A proxy has not held what is intended for it for longer than an answer may take, or has rejected it; or it holds
    /// it again.
    /// </summary>
    /// <param name="Node">Envoy's node id.</param>
    /// <param name="Resources">In how many resources; 0 when it holds what is intended again.</param>
    /// <param name="IsRejected">Whether it rejected any of them as it is intended now.</param>
    public sealed record ProxyDrifted(string Node, int Resources, bool IsRejected) : ControlEvent;

    /// <summary>The upstream was asked for its metrics.</summary>
    /// <param name="Report">What came of it.</param>
    public sealed record UpstreamReported(UpstreamReport Report) : ControlEvent;

    /// <summary>A stream of load reports was opened and has said who it is.</summary>
    /// <param name="Stream">Unique within the process.</param>
    /// <param name="Node">Envoy's node id.</param>
    /// <param name="Absence">What it means when the proxy leaves a locality out.</param>
    public sealed record LoadStreamOpened(long Stream, string Node, LoadAbsence Absence) : ControlEvent;

    /// <summary>A stream of load reports ended.</summary>
    /// <param name="Stream">Unique within the process.</param>
    public sealed record LoadStreamClosed(long Stream) : ControlEvent;

    /// <summary>A load report was read; one may be lost on the way to the loop.</summary>
    /// <param name="Report">What it says.</param>
    public sealed record LoadReported(LoadReport Report) : ControlEvent;

    /// <summary>A message of an access log stream was counted; one may be lost on the way to the loop.</summary>
    /// <param name="Batch">The counts.</param>
    public sealed record AccessLogged(AccessLogBatch Batch) : ControlEvent;

    /// <summary>The source of configuration says something new about services and routes.</summary>
    /// <param name="Topology">The intended state, without overlays.</param>
    public sealed record TopologyChanged(GatewayTopology Topology) : ControlEvent;

    /// <summary>An entry is durable.</summary>
    /// <param name="Sequence">The record's sequence number.</param>
    /// <param name="LeafHash">Its leaf hash in hexadecimal.</param>
    public sealed record RecordAppended(long Sequence, string LeafHash) : ControlEvent;

    /// <summary>An entry could not be made durable: from now on the loop only recommends.</summary>
    /// <param name="Sequence">The record's sequence number.</param>
    /// <param name="Reason">What the store said.</param>
    public sealed record RecordRefused(long Sequence, string Reason) : ControlEvent;

    /// <summary>How the proxies stand towards a route configuration: sent whenever one of them, or what is served,
    /// changes.</summary>
    /// <param name="RouteConfiguration">The RDS resource.</param>
    /// <param name="Subscribed">Proxies that subscribe to it.</param>
    /// <param name="Holding">Those that ACKed exactly what is being served now.</param>
    /// <param name="ContentHash">Hash of what is being served now.</param>
    /// <param name="SourceHash">Hash of it as the source declares it, without overlays.</param>
    /// <param name="Overlays">Ids of the overlays in what is being served now.</param>
    public sealed record RouteHeld(
        string RouteConfiguration,
        int Subscribed,
        int Holding,
        string ContentHash,
        string SourceHash,
        ImmutableArray<string> Overlays) : ControlEvent;

    /// <summary>A proxy rejected a route configuration that carries an overlay of ours.</summary>
    /// <param name="Rejection">Who rejected what, and its words.</param>
    public sealed record OverlayRejected(RouteRejection Rejection) : ControlEvent;

    /// <summary>An overlay could not be laid: its route is not there, or the result is not valid.</summary>
    /// <param name="OverlayId">The overlay.</param>
    /// <param name="Reason">What was expected.</param>
    public sealed record OverlayRefused(string OverlayId, string Reason) : ControlEvent;

    /// <summary>What was stored about an hour of the week.</summary>
    /// <param name="Hour">The hour and its series.</param>
    public sealed record BaselinesRead(BaselineHour Hour) : ControlEvent;
}
