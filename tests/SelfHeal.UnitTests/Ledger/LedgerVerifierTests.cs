using SelfHeal.Ledger;

namespace SelfHeal.UnitTests.Ledger;

/// <summary>
/// A forger has the file, drops the triggers and writes what they like; the verifier must name the place.
/// </summary>
public sealed class LedgerVerifierTests
{
    private LedgerDirectory _directory = null!; // Set before every test.

    [SetUp]
    public async Task Fill()
    {
        _directory = new LedgerDirectory();
        await _directory.FillAsync(6);
    }

    [TearDown]
    public void Delete() => _directory.Dispose();

    [Test]
    public async Task Verify_UntouchedLedger_IsIntact()
    {
        await using var reader = SqliteLedgerReader.Open(_directory.LedgerPath);
        Assert.That(reader.Head.Sequence, Is.EqualTo(6));
        Assert.That(await VerifyAsync(), Is.EqualTo(new LedgerVerdict.Intact(reader.Head)));
    }

    [TestCase("payload", LedgerPart.LeafHash)]
    [TestCase("leaf_hash", LedgerPart.LeafHash)]
    [TestCase("previous_chain_hash", LedgerPart.PreviousChainHash)]
    [TestCase("chain_hash", LedgerPart.ChainHash)]
    public async Task Verify_OneByteFlipped_IsFoundInThatEntry(string column, LedgerPart part)
    {
        var forged = (await ReadAllAsync())[3] switch
        {
            var entry when column is "payload" => entry.Payload.ToArray(),
            var entry when column is "leaf_hash" => entry.LeafHash.ToArray(),
            var entry when column is "previous_chain_hash" => entry.PreviousChainHash.ToArray(),
            var entry => entry.ChainHash.ToArray(),
        };
        forged[0] ^= 1;
        _directory.Tamper($"UPDATE entry SET {column} = x'{Convert.ToHexString(forged)}' WHERE sequence = 4");
        var broken = await BreakAsync();
        Assert.That((broken.Sequence, broken.Part), Is.EqualTo((4L, part)));
        Assert.That(broken.Found, Is.Not.EqualTo(broken.Expected));
    }

    [Test]
    public async Task Verify_PayloadForgedWithItsLeafHash_IsFoundInTheChainHash()
    {
        var leaf = LedgerHashing.Leaf("forged"u8);
        _directory.Tamper(
            $"UPDATE entry SET payload = CAST('forged' AS BLOB), leaf_hash = x'{leaf}' WHERE sequence = 4");
        var broken = await BreakAsync();
        Assert.That((broken.Sequence, broken.Part), Is.EqualTo((4L, LedgerPart.ChainHash)));
    }

    [Test]
    public async Task Verify_EntryForgedWithAllItsHashes_IsFoundInTheNextLink()
    {
        var before = (await ReadAllAsync())[3];
        var leaf = LedgerHashing.Leaf("forged"u8);
        var chain = LedgerHashing.Chain(before.PreviousChainHash, 4, leaf);
        _directory.Tamper(
            $"UPDATE entry SET payload = CAST('forged' AS BLOB), leaf_hash = x'{leaf}', chain_hash = x'{chain}' "
            + "WHERE sequence = 4");
        var broken = await BreakAsync();
        Assert.That(
            (broken.Sequence, broken.Part, broken.Found),
            Is.EqualTo((5L, LedgerPart.PreviousChainHash, before.ChainHash.ToString())));
    }

    [Test]
    public async Task Verify_EntryTakenOut_IsAGap()
    {
        _directory.Tamper("DELETE FROM entry WHERE sequence = 3");
        var broken = await BreakAsync();
        Assert.That(
            (broken.Sequence, broken.Part, broken.Expected, broken.Found),
            Is.EqualTo((3L, LedgerPart.Sequence, "3", "4")));
    }

    [Test]
    public async Task Verify_EntryTakenOutAndTheRestMovedUp_IsFoundInTheLink()
    {
        _directory.Tamper(
            "DELETE FROM entry WHERE sequence = 3",
            "UPDATE entry SET sequence = sequence - 1 WHERE sequence = 4",
            "UPDATE entry SET sequence = sequence - 1 WHERE sequence = 5",
            "UPDATE entry SET sequence = sequence - 1 WHERE sequence = 6");
        var broken = await BreakAsync();
        Assert.That((broken.Sequence, broken.Part), Is.EqualTo((3L, LedgerPart.PreviousChainHash)));
    }

    [Test]
    public async Task Verify_TwoEntriesSwapped_IsFoundAtTheFirst()
    {
        _directory.Tamper(
            "UPDATE entry SET sequence = -1 WHERE sequence = 3",
            "UPDATE entry SET sequence = 3 WHERE sequence = 4",
            "UPDATE entry SET sequence = 4 WHERE sequence = -1");
        var broken = await BreakAsync();
        Assert.That((broken.Sequence, broken.Part), Is.EqualTo((3L, LedgerPart.PreviousChainHash)));
    }

    [Test]
    public async Task Verify_FirstEntriesCutOff_IsAGap()
    {
        _directory.Tamper("DELETE FROM entry WHERE sequence < 3");
        Assert.That((await BreakAsync()).Sequence, Is.EqualTo(1));
    }

    [Test]
    public async Task Verify_HeadIsNotTheLastEntry_IsBroken()
    {
        await using var ledger = new CutLedger(await ReadAllAsync(), keep: 4);
        var verdict = await LedgerVerifier.VerifyAsync(ledger, CancellationToken.None).InTime();
        Assert.That(verdict, Is.TypeOf<LedgerVerdict.Broken>()
            .With.Property(nameof(LedgerVerdict.Broken.Sequence)).EqualTo(5)
            .And.Property(nameof(LedgerVerdict.Broken.Part)).EqualTo(LedgerPart.Head));
    }

    private async Task<List<LedgerEntry>> ReadAllAsync()
    {
        await using var reader = SqliteLedgerReader.Open(_directory.LedgerPath);
        return await reader.ReadAllAsync();
    }

    private async Task<LedgerVerdict> VerifyAsync()
    {
        await using var reader = SqliteLedgerReader.Open(_directory.LedgerPath);
        return await LedgerVerifier.VerifyAsync(reader, CancellationToken.None).InTime();
    }

    private async Task<LedgerVerdict.Broken> BreakAsync()
    {
        var verdict = await VerifyAsync();
        Assert.That(verdict, Is.TypeOf<LedgerVerdict.Broken>());
        return (LedgerVerdict.Broken)verdict;
    }

    /// <summary>A ledger that promises more than it has.</summary>
    private sealed class CutLedger(List<LedgerEntry> entries, int keep) : ILedgerReader
    {
        public LedgerHead Head => entries[^1].AsHead;

        public IAsyncEnumerable<LedgerEntry> ReadAsync(long fromSequence, CancellationToken cancellationToken) =>
            entries.Take(keep).ToAsyncEnumerable();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
