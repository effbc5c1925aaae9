using Microsoft.Data.Sqlite;
using SelfHeal.Core.Control;
using SelfHeal.Core.Records;
using SelfHeal.Core.Remediation;
using SelfHeal.UnitTests.Ledger;

namespace SelfHeal.UnitTests.Sidecar.Judgement;

/// <summary>Effects in order, nothing done that is not written down, and a loop that fails in the open.</summary>
[CancelAfter(60_000)]
internal sealed class ControlLoopServiceTests
{
    private const int Progress = 3001;
    private const int Paged = 3002;
    private const int AppendRefused = 3003;
    private const int Failed = 3004;
    private const int Stopped = 3005;

    [Test]
    public async Task Execute_BadCanary_PushesTheChangeOnlyWhenItsDecisionIsDurable()
    {
        await using var shell = await ShellHarness.CreateAsync().InTime();
        await StartAsync(shell);
        HoldRoute(shell, Current(shell));
        var traffic = new PaymentsTraffic(shell);
        for (var flush = 0; flush < 6; flush++)
            await traffic.FlushAsync();
        traffic.CanaryFailsPercent = 30;
        var pristine = shell.ServedRoute?.ContentHash;

        using (HoldTheDisk(shell))
        {
            for (var flush = 0; flush < 10 && !Declared(); flush++)
                await traffic.FlushAsync();
            Assert.That(Declared(), Is.True);
            await shell.StepAsync();
            Assert.That(shell.ServedRoute?.ContentHash, Is.EqualTo(pristine), "the disk has not answered");
        }

        // A disk that is busy is asked again after a while of the simulated clock.
        await AdvanceUntilAsync(shell, () => shell.ServedRoute?.ContentHash != pristine);
        Assert.That(shell.Restored.Store.Head.Sequence, Is.EqualTo(1));
        var entry = (await shell.Restored.Store.ReadAllAsync()).Single();
        Assert.That(RecordJson.Read(entry.Payload.Span).Type, Is.EqualTo(RecordType.Decision));
        Assert.That(shell.Judgement.IsAttended, Is.True);

        bool Declared() => shell.Logs.Texts(Progress).Any(
            static text => text.Contains(": declared: ", StringComparison.Ordinal));
    }

    [Test]
    public async Task Execute_EntryIsDurable_IsOnTheBoardAndInTheLedger()
    {
        await using var shell = await RestartedAsync(1);

        HoldRoute(shell, Current(shell));
        await AdvanceUntilAsync(shell, () => shell.Restored.Store.Head.Sequence == 2);
        await shell.StepAsync();

        var entries = await shell.Restored.Store.ReadAllAsync();
        Assert.That(RecordJson.Read(entries[1].Payload.Span).Type, Is.EqualTo(RecordType.Resumed));
        var full = await shell.Board.ReadEntriesAsync(entries[0].Subject, CancellationToken.None);
        Assert.That(full?.Length, Is.EqualTo(entries.Sum(static e => e.Payload.Length) + entries.Count + 1));
        Assert.That(shell.Meters.Sum("selfheal.ledger.entries"), Is.EqualTo(1));
    }

    [Test]
    public async Task Execute_ProxyRejectsTheChange_TakesItBackWithoutWaitingForTheDisk()
    {
        await using var shell = await RestartedAsync(1);
        var pristine = shell.Configuration.Served?.SourceHash(ShellHarness.Route);
        Assert.That(shell.ServedRoute?.ContentHash, Is.Not.EqualTo(pristine));

        using (HoldTheDisk(shell))
        {
            var overlay = shell.Restored.Loop.OverlaysInForce.Single().Id;
            shell.Inbox.Post(new ControlEvent.OverlayRejected(new RouteRejection(overlay, "envoy-1", "v", "no")));
            await AdvanceUntilAsync(shell, () => shell.ServedRoute?.ContentHash == pristine);
            Assert.That(shell.Restored.Store.Head.Sequence, Is.EqualTo(1), "the disk has not answered");
        }

        await AdvanceUntilAsync(shell, () => shell.Restored.Store.Head.Sequence == 2);
        await shell.Logs.WaitForAsync(Paged);
        shell.ExpectedErrors = 1; // The page.
    }

    [Test]
    public async Task Execute_StepThrows_IsUnattendedWithTheReasonAndLeavesTheChangeInForce()
    {
        await using var shell = await RestartedAsync(1);
        var served = shell.ServedRoute;

        shell.Inbox.Post(new ControlEvent.RecordAppended(99, "leaf")); // Nobody asked for it.
        await shell.Logs.WaitForAsync(Failed);

        Assert.That(shell.Judgement.IsAttended, Is.False);
        Assert.That(shell.Judgement.Failure, Does.Contain("an append that was asked for is answered"));
        await shell.Judgement.ExecuteTask!.InTime(); // Started.
        shell.Inbox.Post(new ControlEvent.StatsStreamClosed(1));
        Assert.That(shell.Drain(), Is.Empty, "nobody takes events any more");
        Assert.That(shell.ServedRoute, Is.SameAs(served));
        shell.ExpectedErrors = 1;
    }

    [Test]
    public async Task Execute_StepThrowsWhileAnEntryIsBeingWritten_EndsWhenBothHalvesHave()
    {
        await using var shell = await RestartedAsync(1);

        using (HoldTheDisk(shell))
        {
            HoldRoute(shell, Current(shell));
            await shell.StepAsync();
            shell.Inbox.Post(new ControlEvent.RecordAppended(99, "leaf"));
            await shell.Logs.WaitForAsync(Failed);
            Assert.That(shell.Judgement.Failure, Does.Contain("is answered"), "told at once");
            Assert.That(shell.Logs.Count(Stopped), Is.Zero, "the other half waits for the disk");
        }

        await shell.Logs.WaitForAsync(Stopped);
        await shell.Judgement.ExecuteTask!.InTime(); // Started.
        shell.ExpectedErrors = 1;
    }

    [Test]
    public async Task Stop_WhileItRuns_EndsBothHalvesWithoutAFailure()
    {
        await using var shell = await RestartedAsync(1);

        await shell.Judgement.StopAsync(CancellationToken.None).InTime();

        Assert.That(shell.Logs.Count(Stopped), Is.EqualTo(1));
        Assert.That(shell.Judgement.ExecuteTask?.IsCompletedSuccessfully, Is.True);
        Assert.That((shell.Judgement.IsAttended, shell.Judgement.Failure), Is.EqualTo((false, "")));
    }

    [Test]
    public async Task Execute_LedgerRefuses_TellsTheLoopAndAsksAHuman()
    {
        await using var shell = await RestartedAsync(1);
        await shell.Restored.Store.DisposeAsync();

        HoldRoute(shell, Current(shell));
        await shell.Logs.WaitForAsync(Paged);

        Assert.That(
            shell.Logs.Texts(Paged).Single(), Does.Contain("the ledger refused an entry").And.Contains("closed"));
        Assert.That(shell.Logs.Texts(AppendRefused).Single(), Does.Contain("entry 2").And.Contains("closed"));
        Assert.That(shell.Judgement.IsAttended, Is.True);
        shell.ExpectedErrors = 2;
    }

    [Test]
    public async Task Execute_LedgerHasMovedOn_RefusesTheEntry()
    {
        await using var shell = await RestartedAsync(1);
        await shell.Restored.Store.MustAppendAsync("somebody else's");

        HoldRoute(shell, Current(shell));
        await shell.Logs.WaitForAsync(Paged);

        Assert.That(shell.Logs.Texts(Paged).Single(), Does.Contain("the ledger ends at entry 2"));
        Assert.That(shell.Restored.Store.Head.Sequence, Is.EqualTo(2), "nothing was appended");
        shell.ExpectedErrors = 1;
    }

    [Test]
    public async Task Execute_EntryAfterARefusedOne_IsRefusedWithoutAskingTheLedger()
    {
        // Two changes on one route: its proxies hold both at once, and each is told to the ledger.
        var first = ShellHarness.BadCanaryLedger(1)[0];
        var execution = first.Execution!; // A decision has one.
        var second = first with
        {
            Sequence = 2,
            IncidentId = $"{first.IncidentId}-b",
            Execution = execution with { Overlay = execution.Overlay with { Id = $"{execution.Overlay.Id}-b" } },
        };
        await using var shell = await ShellHarness.CreateAsync(first, second).InTime();
        await StartAsync(shell);
        await shell.Restored.Store.DisposeAsync();

        HoldRoute(shell, Current(shell));
        await shell.Logs.WaitForAsync(AppendRefused);
        await shell.StepAsync();
        await shell.StepAsync();

        var acked = shell.Logs.Texts(Progress).Count(static t => t.Contains("acked", StringComparison.Ordinal));
        Assert.That(acked, Is.EqualTo(2));
        Assert.That(shell.Logs.Texts(AppendRefused).Single(), Does.Contain("entry 3"));
        Assert.That(shell.Judgement.Failure, Is.Empty, "both answers were taken");
        await shell.Logs.WaitForAsync(Paged);
        shell.ExpectedErrors = 2;
    }

    private static async Task<ShellHarness> RestartedAsync(int entries)
    {
        var shell = await ShellHarness.CreateAsync(ShellHarness.BadCanaryLedger(entries)).InTime();
        await StartAsync(shell);
        return shell;
    }

    private static async Task StartAsync(ShellHarness shell)
    {
        await shell.ServeAsync();
        await shell.Judgement.StartAsync(CancellationToken.None).InTime();
        await Eventually.HoldsAsync(() => shell.Judgement.IsAttended, "the loop runs");
        await shell.StepAsync();
    }

    private static ControlEvent.RouteHeld Current(ShellHarness shell)
    {
        var served = shell.Configuration.Served!; // Every caller has waited for it.
        var hash = served.Routes.Single().ContentHash;
        return new ControlEvent.RouteHeld(
            ShellHarness.Route,
            1,
            1,
            hash,
            served.SourceHash(ShellHarness.Route),
            served.OverlaysIn(ShellHarness.Route));
    }

    /// <summary>One proxy holds what is served.</summary>
    private static void HoldRoute(ShellHarness shell, ControlEvent.RouteHeld held) => shell.Inbox.Post(held);

    private static Task AdvanceUntilAsync(ShellHarness shell, Func<bool> condition) => Eventually.HoldsAsync(
        () =>
        {
            shell.Time.Advance(TimeSpan.FromMilliseconds(10));
            return condition();
        },
        "a consequence in the control loop");

    /// <summary>Another process has the ledger's write lock: an append waits, for two seconds at most.</summary>
    private static SqliteHold HoldTheDisk(ShellHarness shell) => new(shell.Ledger.Connect());

    private sealed class SqliteHold : IDisposable
    {
        private readonly SqliteConnection _connection;
        private readonly SqliteTransaction _transaction;

        public SqliteHold(SqliteConnection connection)
        {
            _connection = connection;
            _transaction = connection.BeginTransaction(deferred: false);
        }

        public void Dispose()
        {
            _transaction.Dispose();
            _connection.Dispose();
        }
    }
}
