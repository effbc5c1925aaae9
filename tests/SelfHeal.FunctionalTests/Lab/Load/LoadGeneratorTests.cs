using SelfHeal.Core.Time;
using SelfHeal.Lab.Load;
using SelfHeal.Lab.Processes;
using SelfHeal.Lab.Upstream;

namespace SelfHeal.FunctionalTests.Lab.Load;

[TestFixture]
[CancelAfter(60_000)]
public sealed class LoadGeneratorTests
{
    [Test]
    public async Task Rate_UntilItEndsByItself_IsExact(CancellationToken cancellationToken)
    {
        await using var server = await StartAsync(cancellationToken);
        var options = new LoadOptions { RequestsPerSecond = 200, MaxDuration = TimeSpan.FromSeconds(2) };
        await using var load = new LoadGenerator(server.Address, options, TimeProvider.System);
        var start = TimeProvider.System.GetTimestamp();
        load.Start();
        await load.Ended.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
        var counts = load.Snapshot();

        // Never early; how late it may be is the machine's business.
        Assert.That(TimeProvider.System.GetElapsedTime(start).TotalSeconds, Is.GreaterThanOrEqualTo(1.99));
        Assert.That(counts.Sent + counts.Shed, Is.EqualTo(400));
        Assert.That(counts.Of("v1").Completed, Is.EqualTo(counts.Sent - counts.TransportErrors));
        Assert.That(counts.Shed, Is.LessThan(100));
    }

    [Test]
    public async Task Failures_AfterOnset_AreStampedAndCounted(CancellationToken cancellationToken)
    {
        await using var server = await StartAsync(cancellationToken);
        await using var load = new LoadGenerator(server.Address, new LoadOptions(), TimeProvider.System);
        load.Start();
        await Eventually.HoldsAsync(() => load.Snapshot().Of("v1").Completed > 20, "healthy answers");
        var onset = TimeProvider.System.GetUtcNow();
        server.Faults.Set(FaultPlan.Failing(1000));
        await Eventually.HoldsAsync(() => load.Snapshot().Of("v1").Failed > 10, "failing answers");
        await load.StopAsync();

        Assert.That(load.Failures.FirstFrom(DateTimeOffset.UnixEpoch), Is.GreaterThanOrEqualTo(onset));
        Assert.That(load.Failures.CountAfter(onset), Is.EqualTo(load.Snapshot().Failed));
        Assert.That(load.Snapshot().Statuses[500], Is.EqualTo(server.Failed));
    }

    [Test]
    public async Task SlowUpstream_BeyondTheBound_ShedsInsteadOfSendingLate(CancellationToken cancellationToken)
    {
        await using var server = await StartAsync(cancellationToken);
        server.Faults.Set(new FaultPlan(0, TimeSpan.FromMilliseconds(500)));
        var options = new LoadOptions { RequestsPerSecond = 200, MaxInFlight = 4 };
        await using var load = new LoadGenerator(server.Address, options, TimeProvider.System);
        load.Start();
        await Eventually.HoldsAsync(() => load.Snapshot().Shed > 50, "shed requests");
        await load.StopAsync();

        Assert.That(load.Snapshot().Sent, Is.LessThan(50));
    }

    [Test]
    public async Task NobodyListens_Requests_AreTransportErrors(CancellationToken cancellationToken)
    {
        var nobody = new Uri($"http://127.0.0.1:{FreePorts.Take(1)[0]}");
        await using var load = new LoadGenerator(nobody, new LoadOptions(), TimeProvider.System);
        load.Start();
        await Eventually.HoldsAsync(() => load.Snapshot().TransportErrors > 5, "transport errors");
        await load.StopAsync();

        Assert.That(load.Failures.Total, Is.EqualTo(load.Snapshot().TransportErrors));
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static async Task<UpstreamServer> StartAsync(CancellationToken cancellationToken)
    {
        var server = new UpstreamServer("v1", 0, new SeededRandomSource(7), TimeProvider.System);
        await server.StartAsync(cancellationToken);
        return server;
    }
}
