using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SelfHeal.FunctionalTests.Lab;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>
/// Bad files and second processes beside a running <c>selfheal serve</c>: each gets one clear error, and what runs
/// goes on.
/// </summary>
[CancelAfter(60_000)]
[Parallelizable(ParallelScope.Self)]
internal sealed class BadFileTests : GatewayFixture
{
    private const int Refused = 2202;

    /// <summary>The half second between two looks at the directory is in it.</summary>
    private static readonly TimeSpan PickUp = TimeSpan.FromSeconds(2);

    private string RoutesFile => Path.Combine(Gateway.Resources, "routes.yaml");

    [TestCase("weight: 10", "weight: ten", "routes.yaml:19:21: ", "must be a whole number")]
    [TestCase("timeout: 5s", "timeoot: 5s", "routes.yaml:13:9: ", "timeoot")]
    [TestCase("name: payments-v2", "name: payments-v3", "routes.yaml:18:13: ", "there is no Cluster 'payments-v3'")]
    [TestCase("domains: [\"*\"]", "domains: [\"*\"", "routes.yaml:8:", "what follows here cannot be read")]
    public async Task Reload_BadResource_IsRefusedWithItsPlaceAndTheFixIsPickedUp(
        string good, string bad, string place, string words, CancellationToken cancellationToken)
    {
        var text = await File.ReadAllTextAsync(RoutesFile, cancellationToken);
        Assert.That(text, Does.Contain(good));
        var digest = await Gateway.DataPlane.RouteDigestAsync(Gateway.Routes, cancellationToken);
        var refusals = Gateway.Serve.Logged(Refused).Count;
        await ReplaceAsync(text.Replace(good, bad, StringComparison.Ordinal), cancellationToken);
        var reasons = await ReasonsAsync(static reasons => reasons.Count > 0, cancellationToken);
        await Eventually.HoldsAsync(() => Gateway.Serve.Logged(Refused).Count > refusals, "it is logged");
        var logged = Gateway.Serve.Logged(Refused)[refusals];
        var whileBad = await Gateway.DataPlane.RouteDigestAsync(Gateway.Routes, cancellationToken);
        await Gateway.AnswersAsync(20);

        // The fix changes the weights as well, so that it shows in Envoy.
        var fix = text.Replace("weight: 90", "weight: 80", StringComparison.Ordinal)
            .Replace("weight: 10", "weight: 20", StringComparison.Ordinal);
        await ReplaceAsync(fix, cancellationToken);
        var took = await Gateway.WeightsAsync(80, 20, cancellationToken);
        await ReasonsAsync(static reasons => reasons.Count == 0, cancellationToken);
        await ReplaceAsync(text, cancellationToken);
        await Gateway.WeightsAsync(90, 10, cancellationToken);

        TestContext.Out.WriteLine($"{reasons[0]}; the fix was in Envoy after {took.TotalMilliseconds:0} ms");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(reasons[0], Does.Contain(place).And.Contain(words));
            Assert.That(logged.Text, Does.Contain(reasons[0]));
            Assert.That(whileBad, Is.EqualTo(digest), "what Envoy held while the file was bad");
            Assert.That(took, Is.LessThan(PickUp));
        }
    }

    [Test]
    public async Task Serve_PortOfARunningOne_IsOneLineAndExitCodeOne(CancellationToken cancellationToken)
    {
        var config = await SecondConfigAsync("port", sameState: false, samePort: true, cancellationToken);
        var (code, _, error) = await Executable.RunAsync(["serve", "--config", config], cancellationToken);

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Is.EqualTo(
            $"selfheal: xds.listen: cannot listen on 127.0.0.1:{Gateway.Ports.Xds}: "
            + "the address is in use; stop what listens there or choose another one\n"));
    }

    [Test]
    public async Task Serve_LedgerOfARunningOne_IsOneLineAndExitCodeOne(CancellationToken cancellationToken)
    {
        var config = await SecondConfigAsync("ledger", sameState: true, samePort: false, cancellationToken);
        var (code, _, error) = await Executable.RunAsync(["serve", "--config", config], cancellationToken);

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.StartWith("selfheal: Ledger ").And.Contain("held by another process"));
        Assert.That(error.TrimEnd('\n'), Does.Not.Contain("\n"));
    }

    [Test]
    public async Task Serve_UnknownKey_IsItsLineAndExitCodeOne(CancellationToken cancellationToken)
    {
        var config = await SecondConfigAsync("key", sameState: false, samePort: false, cancellationToken);
        var lines = (await File.ReadAllLinesAsync(config, cancellationToken)).Length;
        await File.AppendAllTextAsync(config, "polcy: {}\n", cancellationToken);
        var (code, _, error) = await Executable.RunAsync(["serve", "--config", config], cancellationToken);

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.EndWith(string.Create(
            CultureInfo.InvariantCulture, $"key.yaml:{lines + 1}:1: polcy: unknown key; did you mean 'policy'?\n")));
    }

    /// <summary>Written beside and renamed, as editors and volume mounts do it.</summary>
    private async Task ReplaceAsync(string text, CancellationToken cancellationToken)
    {
        var next = Path.Combine(Gateway.Directory, "next.yaml");
        await File.WriteAllTextAsync(next, text, cancellationToken);
        File.Move(next, RoutesFile, overwrite: true);
    }

    /// <summary>Waits for what <c>/readyz</c> has to say; it stays ready, because something is served.</summary>
    private async Task<IReadOnlyList<string>> ReasonsAsync(
        Func<IReadOnlyList<string>, bool> until, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> reasons = [];
        var start = Stopwatch.GetTimestamp();
        await Eventually.HoldsAsync(
            async () =>
            {
                using var ready = JsonDocument.Parse(await Gateway.Admin.GetAsync("/readyz", cancellationToken));
                Assert.That(ready.RootElement.GetProperty("ready").GetBoolean(), Is.True);
                reasons = [.. ready.RootElement.GetProperty("reasons").EnumerateArray().Select(r => r.GetString()!)];
                return until(reasons);
            },
            "readyz says so",
            Gateway.Patience);
        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(PickUp));
        return reasons;
    }

    private async Task<string> SecondConfigAsync(
        string name, bool sameState, bool samePort, CancellationToken cancellationToken)
    {
        var state = sameState ? "state" : $"state-{name}";
        var port = samePort ? Gateway.Ports.Xds : 0;
        var config = Path.Combine(Gateway.Directory, $"{name}.yaml");
        await File.WriteAllTextAsync(
            config,
            string.Create(CultureInfo.InvariantCulture, $$"""
                xds: {resources: "{{Gateway.Resources}}", listen: "127.0.0.1:{{port}}"}
                admin: {listen: "127.0.0.1:0"}
                state: {directory: "{{Path.Combine(Gateway.Directory, state)}}"}

                """),
            cancellationToken);
        return config;
    }
}
