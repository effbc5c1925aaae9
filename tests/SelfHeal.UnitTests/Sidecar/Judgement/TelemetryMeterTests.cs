using System.Buffers;
using System.Text;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Sidecar.Config.Loading;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Metrics;
using SelfHeal.UnitTests.Sidecar.Metrics;

namespace SelfHeal.UnitTests.Sidecar.Judgement;

internal sealed class TelemetryMeterTests
{
    [Test]
    public void Scrape_EveryCounterOfTheFold_IsThere()
    {
        using var meters = new TestMeterFactory();
        using var registry = new MetricsRegistry(meters);
        var fold = new TelemetryFold(new TelemetryOptions { StreamLimit = 1 });
        _ = new TelemetryMeter(fold.Counters, meters);

        fold.OnStreamOpened(1, "a", "gateway", new ControlTime(0, DateTimeOffset.UnixEpoch));
        fold.OnStreamOpened(2, "b", "gateway", new ControlTime(0, DateTimeOffset.UnixEpoch));
        var output = new ArrayBufferWriter<byte>();
        registry.Write(output);
        var text = Encoding.UTF8.GetString(output.WrittenSpan);

        using (Assert.EnterMultipleScope())
        {
            foreach (var counter in typeof(TelemetryCounters).GetProperties())
            {
                var expected = counter.Name is nameof(TelemetryCounters.RefusedStreams) ? 1 : 0;
                Assert.That(
                    text, Does.Contain($"\nselfheal_stats_{SnakeCase.Write(counter.Name)}_total {expected}\n"));
            }
        }
    }
}
