using SelfHeal.Core.Time;

namespace SelfHeal.Core.Series;

/// <summary>
/// Where the readers of stats streams put what they read: a bounded queue to the control thread in production, the fold
/// itself in simulation and tests.
/// </summary>
public interface IFlushSink
{
    /// <summary>A stream said who it is. Comes once, before its first batch, and must not be dropped.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="node">Envoy's node id.</param>
    /// <param name="nodeCluster">Envoy's node cluster; may be empty.</param>
    /// <param name="now">When it said so.</param>
    void StreamOpened(long stream, string node, string nodeCluster, ControlTime now);

    /// <summary>Takes over a batch. A full queue may drop the oldest, count it, and return it to the pool.</summary>
    /// <param name="batch">The batch; the sink owns it from now on.</param>
    void Post(FlushBatch batch);
}
