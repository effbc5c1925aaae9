using SelfHeal.Core.Series;
using SelfHeal.Core.Time;

namespace SelfHeal.UnitTests.Xds.Stats;

/// <summary>Gives batches back unread.</summary>
internal sealed class NullSink(FlushBatchPool pool) : IFlushSink
{
    public void StreamOpened(long stream, string node, string nodeCluster, ControlTime now)
    {
    }

    public void Post(FlushBatch batch) => pool.Return(batch);
}
