namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>The incremental variant of ADS with a real Envoy.</summary>
[CancelAfter(120_000)]
[Parallelizable(ParallelScope.All)]
internal sealed class DeltaTests
{
    /// <summary>The whole incident of the bad canary, with <c>bootstrap-delta.yaml</c>.</summary>
    [Test]
    public async Task Envoy_DeltaBootstrap_GetsTheShiftAndTheIncidentIsResolved(CancellationToken cancellationToken)
    {
        await using var gateway = await Gateway.StartAsync(
            new GatewayOptions { Delta = true, ContractWindow = TimeSpan.FromSeconds(8) }, cancellationToken);
        var onset = gateway.BreakCanary();
        var acked = (await gateway.Admin.EventAsync("acked", cancellationToken)).First(e => e.Event is "acked").At;
        await gateway.WeightsAsync(100, 0, cancellationToken);
        await gateway.Admin.EventAsync("resolved", cancellationToken);
        var opened = gateway.Serve.Logged(2001);

        TestContext.Out.WriteLine($"onset to ACK: {(acked - onset).TotalSeconds:0.000} s");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(opened, Has.Count.EqualTo(1), "one stream for everything");
            Assert.That(opened[0].Text, Does.Contain("DeltaAggregatedResources"));
            Assert.That(await gateway.Admin.MetricAsync("selfheal_xds_nacks_total", cancellationToken), Is.Zero);
            gateway.AssertCanaryIdleSince(acked);
            gateway.AssertOnlyCanaryFailed();
        }
    }
}
