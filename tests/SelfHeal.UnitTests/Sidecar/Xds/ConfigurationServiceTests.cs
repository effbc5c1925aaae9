using SelfHeal.Core.Control;
using SelfHeal.Sidecar.Overlays;
using SelfHeal.Sidecar.Xds;
using SelfHeal.UnitTests.Ledger;
using SelfHeal.Xds.Overlays;
using SelfHeal.Xds.Resources;

namespace SelfHeal.UnitTests.Sidecar.Xds;

/// <summary>From files and overlays to what is served, whatever happens to either.</summary>
[CancelAfter(60_000)]
internal sealed class ConfigurationServiceTests
{
    private const int Served = 2201;
    private const int Kept = 2203;
    private const int Unreadable = 2204;
    private const int OverlayLeftOut = 2205;
    private const int CommandFailed = 2206;

    private ShellHarness _shell = null!; // Set before each test.

    private ConfigurationService Configuration => _shell.Configuration;

    [SetUp]
    public async Task CreateAsync() => _shell = await ShellHarness.CreateAsync().InTime();

    [TearDown]
    public async Task DisposeAsync() => await _shell.DisposeAsync();

    [Test]
    public async Task Start_GoodDirectory_ServesItAndTellsTheJudgement()
    {
        await _shell.ServeAsync();

        Assert.That(_shell.Hub.Snapshot, Is.SameAs(Configuration.Served?.Snapshot).And.Not.Null);
        Assert.That(Configuration.Problems, Is.Empty);
        var events = _shell.Drain();
        Assert.That(events[0], Is.InstanceOf<ControlEvent.TopologyChanged>());
        Assert.That(Weights((ControlEvent.TopologyChanged)events[0]), Is.EqualTo(new[] { 90u, 10u }));
        Assert.That(Held(events).Single().Overlays, Is.Empty);
    }

    [Test]
    public async Task Look_FileChanged_ServesItsNewContent()
    {
        await _shell.ServeAsync();
        _shell.Drain();

        _shell.Folder.Replace("routes.yaml", "weight: 90", "weight: 70");
        _shell.Look();

        var events = await _shell.EventsUntilAsync(static e => e is ControlEvent.RouteHeld);
        Assert.That(Weights((ControlEvent.TopologyChanged)events[0]), Is.EqualTo(new[] { 70u, 10u }));
        await _shell.Logs.WaitForAsync(Served, times: 2);
        Assert.That(_shell.ServedRoute, Is.SameAs(Configuration.Served?.Routes.Single()));
    }

    [Test]
    public async Task Look_BadFile_KeepsTheRunningConfigurationAndSaysWhereUntilItIsMended()
    {
        await _shell.ServeAsync();
        var running = Configuration.Served;
        _shell.Drain();

        _shell.Folder.Replace("routes.yaml", "weight: 90", "weight: ninety");
        _shell.Look();
        await _shell.Logs.WaitForAsync(Kept);

        Assert.That(Configuration.Problems.Single(), Does.Match(@"routes\.yaml:\d+:\d+: .*weight"));
        Assert.That(Configuration.Served, Is.SameAs(running));
        Assert.That(_shell.Drain(), Is.Empty, "the judgement goes on with what is served");

        _shell.Folder.Replace("routes.yaml", "weight: ninety", "weight: 80");
        _shell.Look();
        await _shell.Logs.WaitForAsync(Served, times: 2);

        Assert.That(Configuration.Problems, Is.Empty);
        Assert.That(Configuration.Served, Is.Not.SameAs(running));
        _shell.ExpectedErrors = 2; // The problem, and that the running configuration stays.
    }

    [Test]
    public async Task Start_BadFile_ServesNothingUntilItIsMended()
    {
        _shell.Folder.Replace("routes.yaml", "payments-v2", "payments-v3");
        await Configuration.StartAsync(CancellationToken.None).InTime();
        await _shell.Logs.WaitForAsync(Kept);

        Assert.That(Configuration.Problems.Single(), Does.Match(@"routes\.yaml:\d+:\d+: .*payments-v3"));
        Assert.That(_shell.Hub.Snapshot, Is.Null);

        _shell.Folder.Replace("routes.yaml", "payments-v3", "payments-v2");
        _shell.Look();
        await _shell.Logs.WaitForAsync(Served);

        Assert.That(_shell.ServedRoute, Is.Not.Null);
        _shell.ExpectedErrors = 2;
    }

    [Test]
    public async Task Look_DirectoryAwayForAMoment_KeepsServingAndForgetsTheProblem()
    {
        await _shell.ServeAsync();
        var running = _shell.ServedRoute;
        _shell.Folder.Hide();
        _shell.Look();
        await _shell.Logs.WaitForAsync(Unreadable);
        Assert.That(Configuration.Problems.Single(), Does.Contain("cannot be read"));
        Assert.That(_shell.ServedRoute, Is.SameAs(running));

        _shell.Folder.Restore();
        _shell.Look();

        await Eventually.HoldsAsync(() => Configuration.Problems.IsEmpty, "the directory is read again");
        Assert.That(_shell.ServedRoute?.ContentHash, Is.EqualTo(running?.ContentHash));
    }

    [Test]
    public async Task Look_DirectoryStaysAway_IsLoggedOnce()
    {
        await _shell.ServeAsync();
        _shell.Folder.Hide();
        _shell.Look();
        await _shell.Logs.WaitForAsync(Unreadable);
        for (var look = 1u; look <= 5; look++)
        {
            _shell.Look();
            await Configuration.Commands.ApplyAsync(ShellHarness.Overlay("o1", 100, look), CancellationToken.None);
            await _shell.EventsUntilAsync(static e => e is ControlEvent.RouteHeld { Overlays.Length: 1 });
        }

        Assert.That(_shell.Logs.Count(Unreadable), Is.EqualTo(1));
        _shell.Folder.Restore();
    }

    [Test]
    public async Task Apply_BeforeAnythingIsServed_IsInWhatIsServedFirst()
    {
        await Configuration.Commands.ApplyAsync(ShellHarness.Overlay("o1", 100, 0), CancellationToken.None);
        _shell.Folder.Replace("routes.yaml", "weight: 90", "weight: ninety");
        await Configuration.StartAsync(CancellationToken.None).InTime();
        await _shell.Logs.WaitForAsync(Kept);
        _shell.Folder.Replace("routes.yaml", "weight: ninety", "weight: 90");
        _shell.Look();

        var events = await _shell.EventsUntilAsync(static e => e is ControlEvent.RouteHeld { Overlays.Length: 1 });

        Assert.That(Held(events).Last().ContentHash, Is.Not.EqualTo(Held(events).Last().SourceHash));
        _shell.ExpectedErrors = 2;
    }

    [Test]
    public async Task Withdraw_OverlayInForce_ServesTheSourcesOwnBytesAgain()
    {
        await _shell.ServeAsync();
        var pristine = _shell.ServedRoute!.AnyBytes.ToArray(); // Served.
        _shell.Drain();
        await Configuration.Commands.ApplyAsync(ShellHarness.Overlay("o1", 100, 0), CancellationToken.None);
        await _shell.EventsUntilAsync(static e => e is ControlEvent.RouteHeld { Overlays.Length: 1 });
        await Eventually.HoldsAsync(() => !Bytes().SequenceEqual(pristine), "the overlay is published");

        await Configuration.Commands.WithdrawAsync("unknown", CancellationToken.None);
        await Configuration.Commands.WithdrawAsync("o1", CancellationToken.None);

        await _shell.EventsUntilAsync(static e => e is ControlEvent.RouteHeld { Overlays.Length: 0 });
        await Eventually.HoldsAsync(() => Bytes().SequenceEqual(pristine), "the source's own bytes are published");

        byte[] Bytes() => _shell.ServedRoute!.AnyBytes.ToArray(); // Served once, served for ever.
    }

    [Test]
    public async Task Apply_OverlayThatDoesNotFit_IsRefusedAndTheOthersStay()
    {
        await _shell.ServeAsync();
        await Configuration.Commands.ApplyAsync(ShellHarness.Overlay("o1", 100, 0), CancellationToken.None);
        await Configuration.Commands.ApplyAsync(ShellHarness.Overlay("o2", 1, 1, host: "gone"), CancellationToken.None);

        var events = await _shell.EventsUntilAsync(static e => e is ControlEvent.OverlayRefused);

        var refused = (ControlEvent.OverlayRefused)events[^1];
        Assert.That(
            (refused.OverlayId, refused.Reason),
            Is.EqualTo(("o2", "there is no virtual host 'gone'; expected 'payments'")));
        Assert.That(Configuration.Served?.OverlaysIn(ShellHarness.Route), Is.EqualTo(new[] { "o1" }));
        Assert.That(_shell.Logs.Texts(OverlayLeftOut).Single(), Does.Contain("o2").And.Contains("gone"));
    }

    [Test]
    public async Task Look_SourceTakesTheRouteAway_TellsOfTheSourceBeforeItRefusesTheOverlay()
    {
        await _shell.ServeAsync();
        await Configuration.Commands.ApplyAsync(ShellHarness.Overlay("o1", 100, 0), CancellationToken.None);
        await _shell.EventsUntilAsync(static e => e is ControlEvent.RouteHeld { Overlays.Length: 1 });

        _shell.Folder.Replace("routes.yaml", "- name: payments\n    domains", "- name: renamed\n    domains");
        _shell.Look();
        var events = await _shell.EventsUntilAsync(static e => e is ControlEvent.OverlayRefused);

        Assert.That(
            events.Select(static e => e.GetType()),
            Is.EqualTo(new[]
            {
                typeof(ControlEvent.TopologyChanged), typeof(ControlEvent.RouteHeld),
                typeof(ControlEvent.OverlayRefused),
            }));
        Assert.That(Held(events).Single().Overlays, Is.Empty);
    }

    [Test]
    public async Task Withdraw_ThatFails_EndsNothing()
    {
        await _shell.ServeAsync();
        await Configuration.Commands.WithdrawAsync(null!, CancellationToken.None); // Null: what no caller does.
        await _shell.Logs.WaitForAsync(CommandFailed);
        Assert.That(Configuration.Problems.Single(), Does.StartWith("an overlay could not be laid or withdrawn"));

        await Configuration.Commands.ApplyAsync(ShellHarness.Overlay("o1", 100, 0), CancellationToken.None);
        await _shell.EventsUntilAsync(static e => e is ControlEvent.RouteHeld { Overlays.Length: 1 });
        _shell.Folder.Replace("clusters.yaml", "connect_timeout: 1s", "connect_timeout: 2s");
        _shell.Look();
        await _shell.Logs.WaitForAsync(Served, times: 2);

        Assert.That(Configuration.Problems, Is.Empty);
        _shell.ExpectedErrors = 1;
    }

    [Test]
    public async Task Apply_OverlayThatCannotBeTranslated_IsRefusedAndHotReloadGoesOn()
    {
        await _shell.ServeAsync();
        var broken = ShellHarness.Overlay("o1", 100, 0) with { Weights = default };
        await Configuration.Commands.ApplyAsync(broken, CancellationToken.None);
        await Configuration.Commands.ApplyAsync(ShellHarness.Overlay("o2", 50, 50), CancellationToken.None);
        await _shell.EventsUntilAsync(static e => e is ControlEvent.RouteHeld { Overlays: ["o2"] });

        _shell.Folder.Replace("routes.yaml", "weight: 90", "weight: 70");
        _shell.Look();

        await _shell.EventsUntilAsync(static e => e is ControlEvent.OverlayRefused { OverlayId: "o1" });
        await _shell.Logs.WaitForAsync(Served, times: 2);
        Assert.That(Configuration.Served?.OverlaysIn(ShellHarness.Route), Is.EqualTo(new[] { "o2" }));
    }

    [Test]
    public async Task Restart_OverlayInForce_IsInTheFirstThingThatIsServed()
    {
        var ledger = ShellHarness.BadCanaryLedger(2);
        await using var restarted = await ShellHarness.CreateAsync(ledger).InTime();
        Assert.That(restarted.Hub.Snapshot, Is.Null);

        await restarted.ServeAsync();

        // The registry hears of everything before it is published.
        var held = Held(restarted.Drain());
        Assert.That(held.Single().Overlays, Is.EqualTo(new[] { ledger[0].Execution?.Overlay.Id }));
        Assert.That(restarted.ServedRoute?.ContentHash, Is.EqualTo(ledger[1].Execution is null ? "" : Hash(ledger[0])));

        string Hash(SelfHeal.Core.Records.LedgerRecord decision)
        {
            var source = restarted.Configuration.Served!.Source; // Served.
            var overlay = LoopOverlay.Of(decision.Execution!.Overlay); // A decision has one.
            return OverlayTranslator.Apply(source, TypeUrl.RouteConfiguration, ShellHarness.Route, [overlay])
                .Resource!.ContentHash; // Served.
        }
    }

    [Test]
    public async Task Stop_WhileItWaits_Ends()
    {
        await _shell.ServeAsync();

        await Configuration.StopAsync(CancellationToken.None).InTime();

        Assert.That(Configuration.ExecuteTask?.IsCompleted, Is.True);
        Assert.That(_shell.Hub.Snapshot, Is.Not.Null, "streams that are still open keep what they have");
    }

    private static List<ControlEvent.RouteHeld> Held(IEnumerable<ControlEvent> events) =>
        [.. events.OfType<ControlEvent.RouteHeld>().Where(static h => h.RouteConfiguration == ShellHarness.Route)];

    private static IEnumerable<uint> Weights(ControlEvent.TopologyChanged changed) =>
        changed.Topology.Splits.Single().Versions.Select(static v => v.Weight);
}
