using System.Diagnostics.Metrics;
using SelfHeal.Core.Control;
using SelfHeal.Core.Series;
using SelfHeal.Core.Topology;
using SelfHeal.Sidecar.Judgement;

namespace SelfHeal.UnitTests.Sidecar.Judgement;

[TestFixture]
[CancelAfter(30_000)]
internal sealed class ControlInboxTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Otherwise the control loop would spin for as long as the process takes to give up.</summary>
    [Test]
    public async Task Wait_Cancelled_EndsAsCancelled()
    {
        using var meters = new Meters();
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1));
        using var stop = new CancellationTokenSource();
        var inbox = new ControlInbox(new FlushBatchPool(), meters);
        var waiting = inbox.WaitAsync(timer, stop.Token);
        await stop.CancelAsync();

        Assert.That(() => waiting.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            () => inbox.WaitAsync(timer, stop.Token).WaitAsync(Patience),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Wait_TicksAndPosts_EachEndsIt(CancellationToken cancellationToken)
    {
        using var meters = new Meters();
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        var inbox = new ControlInbox(new FlushBatchPool(), meters);
        await inbox.WaitAsync(ticks, cancellationToken).WaitAsync(Patience, cancellationToken);
        using var never = new PeriodicTimer(TimeSpan.FromHours(1));
        inbox.Post(new ControlEvent.TopologyChanged(GatewayTopology.Empty));

        // The wait for the last tick may still end the first of these.
        await inbox.WaitAsync(never, cancellationToken).WaitAsync(Patience, cancellationToken);
        List<ControlEvent> happened = [];
        inbox.Drain(happened);
        Assert.That(happened, Has.Count.EqualTo(1));
    }

    private sealed class Meters : IMeterFactory
    {
        private readonly List<Meter> _made = [];

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            _made.Add(meter);
            return meter;
        }

        public void Dispose() => _made.ForEach(static meter => meter.Dispose());
    }
}
