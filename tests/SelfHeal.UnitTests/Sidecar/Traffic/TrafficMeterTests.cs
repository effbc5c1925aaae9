using System.Buffers;
using System.Text;
using SelfHeal.Core.AccessLogs;
using SelfHeal.Core.Loads;
using SelfHeal.Sidecar.Config.Loading;
using SelfHeal.Sidecar.Metrics;
using SelfHeal.Sidecar.Traffic;
using SelfHeal.UnitTests.Sidecar.Metrics;

namespace SelfHeal.UnitTests.Sidecar.Traffic;

internal sealed class TrafficMeterTests
{
    [Test]
    public void Scrape_EveryCounterOfTheTables_IsThere()
    {
        using var meters = new TestMeterFactory();
        using var registry = new MetricsRegistry(meters);
        var loads = new LoadTable(new LoadTableOptions(), default);
        var logs = new AccessLogTable(new AccessLogTableOptions());
        _ = new TrafficMeter(loads, logs, meters);

        loads.OnStreamOpened(1, "a", LoadAbsence.NothingUnderWay, default);
        loads.OnReport(new LoadReport(1, 2, [new ClusterLoad("c", TimeSpan.Zero, 0, [], [])]), default);
        logs.OnBatch(new AccessLogBatch(1, [new AccessLogCount(new AccessLogKey("c", "", ""), 0, 2, 3)]), default);
        var output = new ArrayBufferWriter<byte>();
        registry.Write(output);
        var text = Encoding.UTF8.GetString(output.WrittenSpan);

        using (Assert.EnterMultipleScope())
        {
            foreach (var counter in typeof(LoadCounters).GetProperties())
            {
                var expected = counter.Name is nameof(LoadCounters.Reports) or nameof(LoadCounters.LostReports) ? 1 : 0;
                Assert.That(
                    text, Does.Contain($"\nselfheal_loads_{SnakeCase.Write(counter.Name)}_total {expected}\n"));
            }

            foreach (var counter in typeof(AccessLogCounters).GetProperties())
            {
                var expected = counter.Name switch
                {
                    nameof(AccessLogCounters.Batches) => 1,
                    nameof(AccessLogCounters.Requests) => 3,
                    _ => 0,
                };
                Assert.That(
                    text, Does.Contain($"\nselfheal_access_logs_{SnakeCase.Write(counter.Name)}_total {expected}\n"));
            }

            Assert.That(text, Does.Contain("\nselfheal_loads_rows 1\n"));
            Assert.That(text, Does.Contain("\nselfheal_access_logs_rows 1\n"));
        }
    }
}
