using SelfHeal.Core.Series;
using SelfHeal.Core.Time;

namespace SelfHeal.UnitTests.Xds.Stats;

/// <summary>Folds at once what readers post; every batch comes 5 s after the one before.</summary>
internal sealed class FoldSink(TelemetryFold fold, FlushBatchPool pool) : IFlushSink
{
    private ControlTime _now = new(1_000_000_000_000, DateTimeOffset.UnixEpoch);

    public void StreamOpened(long stream, string node, string nodeCluster, ControlTime now) =>
        fold.OnStreamOpened(stream, $"{node}-{stream}", nodeCluster, _now);

    public void Post(FlushBatch batch)
    {
        fold.OnBatch(batch, _now);
        _now = _now.Plus(TimeSpan.FromMilliseconds(200));
        fold.OnTick(_now);
        _now = _now.Plus(TimeSpan.FromMilliseconds(4_800));
        pool.Return(batch);
    }
}
