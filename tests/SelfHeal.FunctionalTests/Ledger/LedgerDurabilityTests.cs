using SelfHeal.Ledger;

namespace SelfHeal.FunctionalTests.Ledger;

/// <summary>The ledger as the kernel and other processes see it. strace (a Debian package) must be installed.</summary>
public sealed class LedgerDurabilityTests
{
    private string _directory = null!; // Set before every test.

    private string LedgerPath => Path.Combine(_directory, "ledger.db");

    [SetUp]
    public void Create() => _directory = Directory.CreateTempSubdirectory("selfheal-ledger-").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(_directory, recursive: true);

    [Test]
    public async Task Append_BeforeItIsAnswered_FlushesTheFileThatHoldsThePayload()
    {
        const int Count = 20;
        var tracePath = Path.Combine(_directory, "trace");
        var run = await LedgerProbe.TraceAsync(tracePath, LedgerPath, Count);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        var trace = new SystemCallTrace(await File.ReadAllLinesAsync(tracePath));

        var answered = -1;
        for (var number = 1; number <= Count; number++)
        {
            var payload = $"probe-payload-{number:0000}.";
            var written = trace.Find(answered + 1, call => IsLog(SystemCallTrace.FileWritten(call, payload)));
            Assert.That(written, Is.Not.Negative, $"{payload} is written to the write-ahead log");
            var flushed = trace.Find(written + 1, call => IsLog(SystemCallTrace.FileFlushed(call)));
            Assert.That(flushed, Is.Not.Negative, $"the write-ahead log is flushed after {payload}");
            var answer = $"\"appended {number}\\n\"";
            answered = trace.Find(0, call => SystemCallTrace.FileWritten(call, answer) is not null);
            Assert.That(answered, Is.GreaterThan(flushed), $"appended {number} is said after the flush");
        }
    }

    [Test]
    public async Task Open_HeldByAnotherProcess_FailsThereAndNamesTheFile()
    {
        await using (var store = SqliteLedgerStore.Open(TimeProvider.System, LedgerPath))
        {
            var run = await LedgerProbe.RunAsync(LedgerPath, 1);
            Assert.That(run.ExitCode, Is.EqualTo(3));
            Assert.That(run.Error, Does.Contain($"Ledger {LedgerPath}: expected to be its only writer"));
        }

        Assert.That((await LedgerProbe.RunAsync(LedgerPath, 1)).ExitCode, Is.Zero);
    }

    [Test]
    public async Task Append_WriteFailsHalfWay_IsRefusedAndEverythingAnsweredIsThere()
    {
        var run = await LedgerProbe.RunWithFileLimitAsync(LedgerPath, count: 200, blocks: 256);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.Error);
        Assert.That(run.Error, Does.Contain(nameof(AppendRefusal.WriteFailed)));
        var answered = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

        await using var store = SqliteLedgerStore.Open(TimeProvider.System, LedgerPath);
        Assert.That(answered, Is.Positive);
        Assert.That(store.Head.Sequence, Is.GreaterThanOrEqualTo(answered));
        Assert.That(
            await LedgerVerifier.VerifyAsync(store, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20)),
            Is.EqualTo(new LedgerVerdict.Intact(store.Head)));
    }

    private static bool IsLog(string? path) =>
        path is not null && path.EndsWith("ledger.db-wal", StringComparison.Ordinal);
}
