using SelfHeal.FunctionalTests.Lab;
using SelfHeal.Ledger;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>
/// <c>kill -9</c> of <c>selfheal serve</c> with a change in force: what the ledger declares is what is served first.
/// </summary>
[CancelAfter(120_000)]
[Parallelizable(ParallelScope.All)]
internal sealed class RestartTests
{
    private static readonly IReadOnlyDictionary<string, uint> Shifted =
        new Dictionary<string, uint>(StringComparer.Ordinal) { [Gateway.Stable] = 100, [Gateway.Canary] = 0 };

    /// <summary>
    /// The contract is being watched when the process dies. Envoy keeps the shifted weights alone; the first response
    /// after the restart has them, byte for byte, so Envoy has nothing to reload; the contract is watched anew and
    /// passes, and no request reached the canary all the while.
    /// </summary>
    [Test]
    public async Task Kill_DuringVerification_ServesTheShiftFirstAndResolves(CancellationToken cancellationToken)
    {
        await using var gateway = await Gateway.StartAsync(new GatewayOptions(), cancellationToken);
        gateway.BreakCanary();
        var acked = (await gateway.Admin.EventAsync("verifying", cancellationToken)).First(e => e.Event is "acked").At;
        await gateway.WeightsAsync(100, 0, cancellationToken);
        await gateway.Admin.FlushesAsync(2, cancellationToken);
        var before = await RouteProbe.ReadAsync(gateway.Ports.Xds, cancellationToken);
        var reloads = await EnvoyRoutes.StatAsync(gateway.Envoy!, "config_reload", cancellationToken);

        await gateway.Serve.KillAsync(cancellationToken);
        await gateway.AnswersAsync(100);
        gateway.Serve.Start();
        var first = await RouteProbe.ReadAsync(gateway.Ports.Xds, cancellationToken);
        await gateway.Serve.WaitReadyAsync(gateway.Admin.Address, cancellationToken);
        await gateway.Admin.SyncedAsync("gateway-1", cancellationToken);
        var weights = await EnvoyRoutes.WeightsAsync(gateway.Envoy!, cancellationToken);
        await gateway.Admin.EventAsync("resolved", cancellationToken);

        TestContext.Out.WriteLine($"start to first response: {first.Elapsed.TotalMilliseconds:0} ms");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Weights, Is.EqualTo(Shifted));
            Assert.That(first.Bytes, Is.EqualTo(before.Bytes));
            Assert.That(weights, Is.EqualTo(Shifted));
            Assert.That(
                await EnvoyRoutes.StatAsync(gateway.Envoy!, "config_reload", cancellationToken), Is.EqualTo(reloads));
            Assert.That(
                await TypesAsync(gateway, cancellationToken),
                Is.EqualTo((string[])["decision", "executed", "resumed", "resolved"]));
            gateway.AssertCanaryIdleSince(acked);
            gateway.AssertOnlyCanaryFailed();
        }
    }

    /// <summary>
    /// The process dies when the decision is durable, and no proxy has acknowledged anything (the model does not
    /// answer). What was declared counts as in force: the first response has it, the proxy that never saw it gets it,
    /// and verification begins as a resumed one.
    /// </summary>
    [Test]
    public async Task Kill_RightAfterTheDecision_ServesWhatWasDeclared(CancellationToken cancellationToken)
    {
        await using var gateway = await Gateway.StartAsync(new GatewayOptions { Model = true }, cancellationToken);
        gateway.Model!.Faults.Silent = true;
        gateway.BreakCanary();
        await AppendedAsync(Path.Combine(gateway.Directory, "state", "ledger.db"), cancellationToken);
        await gateway.Serve.KillAsync(cancellationToken);
        var canaryBefore = gateway.CanaryUpstream.Requests.Total;
        await gateway.AnswersAsync(100);
        var canaryAfter = gateway.CanaryUpstream.Requests.Total;

        gateway.Model.Faults.Silent = false;
        gateway.Serve.Start();
        var first = await RouteProbe.ReadAsync(gateway.Ports.Xds, cancellationToken);
        await gateway.Serve.WaitReadyAsync(gateway.Admin.Address, cancellationToken);
        var timeline = await gateway.Admin.EventAsync("verifying", cancellationToken);
        await gateway.AnswersAsync(400);

        TestContext.Out.WriteLine($"start to first response: {first.Elapsed.TotalMilliseconds:0} ms");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(canaryAfter, Is.GreaterThan(canaryBefore), "the model still held the old weights");
            Assert.That(first.Weights, Is.EqualTo(Shifted));
            Assert.That(
                await TypesAsync(gateway, cancellationToken), Is.EqualTo((string[])["decision", "resumed"]));
            gateway.AssertCanaryIdleSince(timeline.First(static entry => entry.Event is "acked").At);
            gateway.AssertOnlyCanaryFailed();
        }
    }

    private static async Task<IReadOnlyList<string>> TypesAsync(Gateway gateway, CancellationToken cancellationToken) =>
        [.. (await gateway.Admin.EntriesAsync(cancellationToken))
            .Select(static entry => (entry.GetProperty("type").GetString() ?? "").ToLowerInvariant())];

    /// <summary>Watches the file itself: the entry is seen within milliseconds of its commit.</summary>
    private static Task AppendedAsync(string ledger, CancellationToken cancellationToken) => Eventually.HoldsAsync(
        async () =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            await using var reader = SqliteLedgerReader.Open(ledger);
            return reader.Head.Sequence == 1;
        },
        "the decision is in the ledger",
        Gateway.Patience);
}
