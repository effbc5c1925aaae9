namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>
/// Tests that do harm to one running gateway with a real Envoy, one after the other. After each, requests go on, none
/// has failed, and Envoy still has its first xDS stream.
/// </summary>
internal abstract class GatewayFixture
{
    protected Gateway Gateway { get; private set; } = null!; // Set before the tests.

    [OneTimeSetUp]
    public async Task StartGatewayAsync()
    {
        using var patience = new CancellationTokenSource(TestTimeouts.Default * 2);
        Gateway = await Gateway.StartAsync(new GatewayOptions(), patience.Token);
    }

    [OneTimeTearDown]
    public async Task StopGatewayAsync()
    {
        if (Gateway is not null)
            await Gateway.DisposeAsync();
    }

    [TearDown]
    public async Task TrafficGoesOnAsync()
    {
        await Gateway.AnswersAsync(20);
        using var patience = new CancellationTokenSource(TestTimeouts.Default);
        await Gateway.Admin.SyncedAsync("gateway-1", patience.Token);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Gateway.Load.Snapshot().Failed, Is.Zero, "failing responses");
            Assert.That(Gateway.Serve.Logged(2002), Has.None.Matches<ServeLogEntry>(
                static entry => entry.Text.Contains("stream 1 closed", StringComparison.Ordinal)), "Envoy's stream");
        }
    }
}
