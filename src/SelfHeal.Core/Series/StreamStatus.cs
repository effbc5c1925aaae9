using SelfHeal.Core.Time;

namespace SelfHeal.Core.Series;

/// <summary>One open stats stream.</summary>
/// <param name="Stream">Its id.</param>
/// <param name="Node">Envoy's node id.</param>
/// <param name="NodeCluster">Envoy's node cluster; may be empty.</param>
/// <param name="HasFlushed">Whether a whole flush came; the times below mean nothing before.</param>
/// <param name="NewestFlush">When the newest flush came.</param>
/// <param name="FlushInterval">As learned from arrivals.</param>
/// <param name="IsLive">Whether blocks wait for it: it flushed within the last 1.5 intervals.</param>
public readonly record struct StreamStatus(
    long Stream,
    string Node,
    string NodeCluster,
    bool HasFlushed,
    ControlTime NewestFlush,
    TimeSpan FlushInterval,
    bool IsLive);
