using SelfHeal.Ledger;

namespace SelfHeal.UnitTests.Ledger;

/// <summary>What every ledger store must do, whatever it is made of.</summary>
[TestFixture("sqlite")]
[TestFixture("memory")]
public sealed class LedgerStoreTests(string kind)
{
    private LedgerDirectory _directory = null!; // Set before every test.
    private ILedgerStore _store = null!; // Set before every test.

    [SetUp]
    public void Open()
    {
        _directory = new LedgerDirectory();
        _store = kind is "sqlite" ? _directory.Open() : new InMemoryLedgerStore(StoppedClock.Instance);
    }

    [TearDown]
    public async Task Close()
    {
        await _store.DisposeAsync();
        _directory.Dispose();
    }

    [Test]
    public void Head_EmptyLedger_IsZero() => Assert.That(_store.Head, Is.EqualTo(LedgerHead.Empty));

    [Test]
    public async Task Append_FirstEntry_IsReadBackWithItsHashes()
    {
        var answer = await _store.MustAppendAsync("hello");
        var entry = (await _store.ReadAllAsync()).Single();
        var leaf = LedgerHashing.Leaf("hello"u8);
        Assert.Multiple(() =>
        {
            Assert.That(answer, Is.EqualTo(new AppendResult.Appended(1, leaf, LedgerHashing.Chain(default, 1, leaf))));
            Assert.That(entry.AsHead, Is.EqualTo(new LedgerHead(1, answer.ChainHash)).And.EqualTo(_store.Head));
            Assert.That(entry.LeafHash, Is.EqualTo(leaf));
            Assert.That(entry.PreviousChainHash, Is.EqualTo(default(LedgerHash)));
            Assert.That(entry.Text(), Is.EqualTo("hello"));
            Assert.That(entry.AppendedAt, Is.EqualTo(StoppedClock.Instance.GetUtcNow()));
            Assert.That((entry.Kind, entry.Subject), Is.EqualTo(("decision", "incident-1")));
        });
    }

    [Test]
    public async Task Append_EightCallersAtOnce_LeaveNoGap()
    {
        const int PerCaller = 25;
        var callers = Enumerable.Range(0, 8).Select(async caller =>
        {
            await Task.Yield();
            var sequences = new List<long>();
            for (var number = 0; number < PerCaller; number++)
                sequences.Add((await _store.MustAppendAsync($"caller {caller} number {number}")).Sequence);
            return sequences;
        });
        var answered = (await Task.WhenAll(callers).InTime()).SelectMany(sequences => sequences).Order();
        var expected = Enumerable.Range(1, 8 * PerCaller).Select(number => (long)number).ToArray();
        Assert.That(answered, Is.EqualTo(expected));
        Assert.That((await _store.ReadAllAsync()).Select(entry => entry.Sequence), Is.EqualTo(expected));
        Assert.That(
            await LedgerVerifier.VerifyAsync(_store, CancellationToken.None).InTime(),
            Is.EqualTo(new LedgerVerdict.Intact(_store.Head)));
    }

    [Test]
    public async Task Append_HeadIsTheExpectedOne_IsAppended()
    {
        await _store.MustAppendAsync("one");
        Assert.That(await _store.RefusalOfAsync(Appends.Of("two", _store.Head)), Is.Null);
    }

    [Test]
    public async Task Append_HeadHasMoved_IsRefusedAndNothingIsWritten()
    {
        var decidedOn = _store.Head;
        await _store.MustAppendAsync("somebody else's");
        var refusal = await _store.RefusalOfAsync(Appends.Of("ours", decidedOn));
        Assert.That(refusal, Is.EqualTo(AppendRefusal.HeadMoved));
        Assert.That(_store.Head.Sequence, Is.EqualTo(1));
        await _store.MustAppendAsync("a refusal does not stop the store");
    }

    [Test]
    public async Task Append_PayloadAtAndOverTheLimit_OnlyTheLatterIsRefused()
    {
        var over = new LedgerAppend("decision", "incident-1", new byte[LedgerAppend.MaxPayloadBytes + 1]);
        var at = new LedgerAppend("decision", "incident-1", new byte[LedgerAppend.MaxPayloadBytes]);
        Assert.That(await _store.RefusalOfAsync(over), Is.EqualTo(AppendRefusal.PayloadTooLarge));
        Assert.That(await _store.RefusalOfAsync(at), Is.Null);
    }

    [Test]
    public async Task Append_AfterDispose_IsRefusedAsClosed()
    {
        await _store.DisposeAsync();
        Assert.That(await _store.RefusalOfAsync(Appends.Of("late")), Is.EqualTo(AppendRefusal.Closed));
    }

    [Test]
    public async Task Append_CancelledBeforeTheWrite_WritesNothing()
    {
        var cancelled = new CancellationToken(canceled: true);
        Assert.That(
            async () => await _store.AppendAsync(Appends.Of("never"), cancelled).InTime(),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That((await _store.MustAppendAsync("first")).Sequence, Is.EqualTo(1));
    }

    [Test]
    public async Task Read_FromTheMiddle_StartsThere()
    {
        for (var number = 1; number <= 200; number++)
            await _store.MustAppendAsync($"{number}");
        var entries = await _store.ReadAllAsync(fromSequence: 70);
        Assert.That(entries.Select(entry => entry.Text()), Is.EqualTo(Enumerable.Range(70, 131).Select(n => $"{n}")));
        Assert.That(await _store.ReadAllAsync(fromSequence: 201), Is.Empty);
    }
}
