using SelfHeal.Ledger;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>
/// A <c>selfheal serve</c> that records while an incident runs; <c>selfheal replay</c>, another process, makes the same
/// records of it, byte for byte.
/// </summary>
[CancelAfter(120_000)]
[Parallelizable(ParallelScope.All)]
internal sealed class RecordingTests
{
    private const string Recording = "recording: {directory: ./recordings}\n";

    [Test]
    public async Task Replay_OfAServedIncident_GivesTheLedgersBytes(CancellationToken cancellationToken)
    {
        var options = new GatewayOptions { Model = true, Configuration = Recording };
        await using var gateway = await Gateway.StartAsync(options, cancellationToken);
        gateway.BreakCanary();
        await gateway.Admin.EventAsync("resolved", cancellationToken);
        await gateway.Admin.FlushesAsync(1, cancellationToken);
        await gateway.Serve.StopAsync(cancellationToken);

        var file = Files(gateway).Single();
        var (code, output, error) = await Executable.RunAsync(["replay", "--json", file], cancellationToken);
        var ledger = await LedgerAsync(gateway, cancellationToken);
        TestContext.Out.WriteLine(error);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(output, Is.EqualTo(ledger));
            Assert.That(ledger.Split('\n'), Has.Length.EqualTo(4), "decision, executed, resolved, and the end");
            Assert.That(code, Is.Zero, error);
            Assert.That(error, Does.Contain("reproduced: 3 of 3 recorded records are the same bytes"));
            Assert.That(
                File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }

        var frozen = Path.Combine(gateway.Directory, "frozen.yaml");
        await File.WriteAllTextAsync(frozen, "policy: {version: frozen, freeze: true}\n", cancellationToken);
        var whatIf = await Executable.RunAsync(
            ["replay", "--json", "--what-if", frozen, file], cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(whatIf.Code, Is.Zero, whatIf.Error);
            Assert.That(whatIf.Output, Does.StartWith("{\"after_divergence\":false,\"record\":{"));
            Assert.That(whatIf.Output, Does.Contain("\"recommendation\"").And.Not.Contain("\"type\":\"decision\""));
            Assert.That(whatIf.Error, Does.Contain("diverged: the recorded loop lays "));
        }
    }

    [Test]
    public async Task Replay_AfterAKill_GivesWhatTheLedgerHadAndSaysWhereItEnds(CancellationToken cancellationToken)
    {
        var options = new GatewayOptions { Model = true, Configuration = Recording };
        await using var gateway = await Gateway.StartAsync(options, cancellationToken);
        gateway.BreakCanary();
        await gateway.Admin.EventAsync("resolved", cancellationToken);

        // Four seconds more, twice what a kill may cost.
        await gateway.Admin.FlushesAsync(4, cancellationToken);
        await gateway.Serve.KillAsync(cancellationToken);

        var (code, output, error) = await Executable.RunAsync(
            ["replay", "--json", .. Files(gateway)], cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(output, Is.EqualTo(await LedgerAsync(gateway, cancellationToken)));
            Assert.That(code, Is.EqualTo(1));
            Assert.That(error, Does.Contain(": expected the index that ends a recording"));
            Assert.That(error, Does.Contain("reproduced: 3 of 3"));
        }
    }

    private static string[] Files(Gateway gateway) =>
        Directory.GetFiles(Path.Combine(gateway.Directory, "recordings"), "*.shrec");

    private static async Task<string> LedgerAsync(Gateway gateway, CancellationToken cancellationToken)
    {
        var text = new System.Text.StringBuilder();
        var path = Path.Combine(gateway.Directory, "state", "ledger.db");
        await using var reader = SqliteLedgerReader.Open(path);
        await foreach (var entry in reader.ReadAsync(1, cancellationToken))
            text.Append(System.Text.Encoding.UTF8.GetString(entry.Payload.Span)).Append('\n');
        return text.ToString();
    }
}
