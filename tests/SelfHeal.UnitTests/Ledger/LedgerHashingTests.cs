using SelfHeal.Ledger;

namespace SelfHeal.UnitTests.Ledger;

/// <summary>The values were computed with another tool (Python's hashlib) from the formulas in the README.</summary>
public sealed class LedgerHashingTests
{
    [Test]
    public void Leaf_EmptyPayload_IsTheOneOfRfc6962() => Assert.That(
        LedgerHashing.Leaf([]).ToString(),
        Is.EqualTo("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"));

    [Test]
    public void Leaf_Payload_IsPrefixedWithZero() => Assert.That(
        LedgerHashing.Leaf("hello"u8).ToString(),
        Is.EqualTo("8a2a5c9b768827de5a9552c38a044c66959c68f6d2f21b5260af54d2f87db827"));

    [Test]
    public void Chain_TwoEntries_CoverLinkSequenceAndLeaf()
    {
        var first = LedgerHashing.Chain(default, 1, LedgerHashing.Leaf("hello"u8));
        var second = LedgerHashing.Chain(first, 2, LedgerHashing.Leaf([]));
        Assert.Multiple(() =>
        {
            Assert.That(
                first.ToString(),
                Is.EqualTo("3bcb2165271fc67fb2840cd64ce880b0dff95f9a5ce9bc03d2eca7d12474ca62"));
            Assert.That(
                second.ToString(),
                Is.EqualTo("a2945f800a6a62fd87f5e7a463034f8c255fb7925d6b1479d954a3e5219c75d5"));
        });
    }

    [Test]
    public void Hash_BytesAndBack_AreTheSame()
    {
        var bytes = Enumerable.Range(1, LedgerHash.Size).Select(value => (byte)value).ToArray();
        Assert.That(new LedgerHash(bytes).ToArray(), Is.EqualTo(bytes));
    }
}
