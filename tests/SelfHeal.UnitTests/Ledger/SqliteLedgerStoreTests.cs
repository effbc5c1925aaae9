using Microsoft.Data.Sqlite;
using SelfHeal.Ledger;

namespace SelfHeal.UnitTests.Ledger;

/// <summary>What the file promises: durable when answered, append-only, one writer, sound after a crash.</summary>
public sealed class SqliteLedgerStoreTests
{
    private LedgerDirectory _directory = null!; // Set before every test.

    [SetUp]
    public void Create() => _directory = new LedgerDirectory();

    [TearDown]
    public void Delete() => _directory.Dispose();

    [Test]
    public async Task Append_WhenItReturns_TheEntryIsInTheFileForAnotherReader()
    {
        await using var store = _directory.Open();
        for (var number = 1; number <= 20; number++)
        {
            var answer = await store.MustAppendAsync($"payload {number}");
            await using var reader = SqliteLedgerReader.Open(_directory.CopyAsOfNow());
            var last = (await reader.ReadAllAsync())[^1];
            Assert.That((last.Sequence, last.Text()), Is.EqualTo((answer.Sequence, $"payload {number}")));
        }
    }

    [Test]
    public async Task Open_TheConnectionThatAppends_FlushesTheLogAtEveryCommit()
    {
        await using var store = _directory.Open();
        Assert.That(store.Durability, Is.EqualTo(new SqliteDurability("wal", SynchronousLevel: 2)));
    }

    [Test]
    public async Task Open_NewLedger_IsReadableByItsOwnerOnly()
    {
        await using var store = _directory.Open();
        await store.MustAppendAsync("secret enough");
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        foreach (var suffix in new[] { "", "-wal", "-shm", ".lock" })
            Assert.That(File.GetUnixFileMode(_directory.LedgerPath + suffix), Is.EqualTo(OwnerOnly), suffix);
    }

    [Test]
    public async Task Open_LedgerThatOthersMayRead_IsTakenFromThem()
    {
        await _directory.FillAsync(1);
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.SetUnixFileMode(_directory.LedgerPath, OwnerOnly | UnixFileMode.OtherRead);
        await using var store = _directory.Open();
        Assert.That(File.GetUnixFileMode(_directory.LedgerPath), Is.EqualTo(OwnerOnly));
    }

    [Test]
    public async Task Open_ExistingLedger_ContinuesTheChain()
    {
        await _directory.FillAsync(3);
        await _directory.FillAsync(2);
        await using var reader = SqliteLedgerReader.Open(_directory.LedgerPath);
        var verdict = await LedgerVerifier.VerifyAsync(reader, CancellationToken.None).InTime();
        Assert.That(verdict, Is.EqualTo(new LedgerVerdict.Intact(reader.Head)));
        Assert.That(reader.Head.Sequence, Is.EqualTo(5));
    }

    [TestCase("UPDATE entry SET kind = 'other'", "never updated")]
    [TestCase("DELETE FROM entry WHERE sequence = 2", "never deleted")]
    [TestCase("DELETE FROM entry", "never deleted")]
    [TestCase("INSERT INTO entry SELECT 9, kind, subject, appended_at, payload, leaf_hash, chain_hash, "
        + "randomblob(32) FROM entry WHERE sequence = 3", "gapless")]
    [TestCase("INSERT OR REPLACE INTO entry SELECT 2, kind, subject, appended_at, payload, leaf_hash, chain_hash, "
        + "randomblob(32) FROM entry WHERE sequence = 3", "gapless")]
    public async Task File_ChangedByAnHonestProgram_Refuses(string statement, string message)
    {
        await _directory.FillAsync(3);
        Assert.That(() => _directory.Run(statement), Throws.TypeOf<SqliteException>().With.Message.Contains(message));
        await using var store = _directory.Open();
        Assert.That(store.Head.Sequence, Is.EqualTo(3));
    }

    [Test]
    public async Task Append_SomebodyElseAppendedBehindTheLock_FaultsTheStore()
    {
        await using var store = _directory.Open();
        await store.MustAppendAsync("ours");
        _directory.Run("INSERT INTO entry SELECT 2, kind, subject, appended_at, payload, leaf_hash, chain_hash, "
            + "randomblob(32) FROM entry");
        Assert.That(await store.RefusalOfAsync(Appends.Of("ours")), Is.EqualTo(AppendRefusal.Faulted));
        Assert.That(await store.RefusalOfAsync(Appends.Of("ours")), Is.EqualTo(AppendRefusal.Faulted));
    }

    [Test]
    public async Task Append_WriteLockHeldElsewhere_IsRefusedAsBusyAndTheQueueIsBounded()
    {
        await using var store = _directory.Open();
        await using var other = _directory.Connect();
        var held = other.BeginTransaction(deferred: false);

        // One is being written, MaxWaiting wait, so that at least the last finds no place.
        var all = Enumerable.Range(1, SqliteLedgerStore.MaxWaiting + 2)
            .Select(number => store.AppendAsync(Appends.Of($"{number}"), CancellationToken.None))
            .ToArray();
        Assert.That(await all[^1].InTime(), Is.TypeOf<AppendResult.Refused>()
            .With.Property(nameof(AppendResult.Refused.Reason)).EqualTo(AppendRefusal.Overloaded));
        Assert.That(await all[0].InTime(), Is.TypeOf<AppendResult.Refused>()
            .With.Property(nameof(AppendResult.Refused.Reason)).EqualTo(AppendRefusal.Busy));
        await held.DisposeAsync();
        Assert.That(await all[^3].InTime(), Is.TypeOf<AppendResult.Appended>());
        await store.MustAppendAsync("and on it goes");
    }
}
