using SelfHeal.Ledger;

namespace SelfHeal.UnitTests.Ledger;

public sealed class InMemoryLedgerStoreTests
{
    [Test]
    public async Task Append_FullDisk_IsRefusedUntilThereIsRoom()
    {
        await using var store = new InMemoryLedgerStore(StoppedClock.Instance);
        await store.MustAppendAsync("one");
        store.Inject(LedgerFault.FullDisk);
        Assert.That(await store.RefusalOfAsync(Appends.Of("two")), Is.EqualTo(AppendRefusal.DiskFull));
        Assert.That(await store.RefusalOfAsync(Appends.Of("two")), Is.EqualTo(AppendRefusal.DiskFull));
        store.Inject(LedgerFault.None);
        Assert.That((await store.MustAppendAsync("two")).Sequence, Is.EqualTo(2));
    }

    [TestCase(LedgerFault.TornWrite, 1)]
    [TestCase(LedgerFault.LostAnswer, 2)]
    public async Task Append_WriteFails_FaultsTheStoreAndReopeningTells(LedgerFault fault, long sequenceAfterwards)
    {
        await using var store = new InMemoryLedgerStore(StoppedClock.Instance);
        await store.MustAppendAsync("one");
        store.Inject(fault);
        Assert.That(await store.RefusalOfAsync(Appends.Of("two")), Is.EqualTo(AppendRefusal.WriteFailed));
        Assert.That(await store.RefusalOfAsync(Appends.Of("three")), Is.EqualTo(AppendRefusal.Faulted));
        Assert.That(store.Head.Sequence, Is.EqualTo(1));

        await using var reopened = store.Reopen();
        Assert.That(reopened.Head.Sequence, Is.EqualTo(sequenceAfterwards));
        Assert.That((await reopened.MustAppendAsync("next")).Sequence, Is.EqualTo(sequenceAfterwards + 1));
        Assert.That(
            await LedgerVerifier.VerifyAsync(reopened, CancellationToken.None).InTime(),
            Is.TypeOf<LedgerVerdict.Intact>());
    }

    [Test]
    public async Task Reopen_OfAnOpenStore_ClosesTheOldOne()
    {
        await using var store = new InMemoryLedgerStore(StoppedClock.Instance);
        await using var reopened = store.Reopen();
        Assert.That(await store.RefusalOfAsync(Appends.Of("late")), Is.EqualTo(AppendRefusal.Closed));
    }

    [Test]
    public async Task FlipBit_OneEntry_IsFoundByTheVerifier()
    {
        await using var store = new InMemoryLedgerStore(StoppedClock.Instance);
        for (var number = 1; number <= 3; number++)
            await store.MustAppendAsync($"{number}");
        store.FlipBit(2);
        var verdict = await LedgerVerifier.VerifyAsync(store, CancellationToken.None).InTime();
        Assert.That(verdict, Is.InstanceOf<LedgerVerdict.Broken>()
            .With.Property(nameof(LedgerVerdict.Broken.Sequence)).EqualTo(2));
    }
}
