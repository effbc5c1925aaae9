using SelfHeal.Core.Detection;

namespace SelfHeal.UnitTests.Detection;

[TestFixture]
public sealed class ContrastTests
{
    [TestCase(5, 10, 1, 90, 38.6)]
    [TestCase(3, 20, 1, 180, 14.1)]
    [TestCase(5, 100, 50, 900, -10.7)]
    [TestCase(50, 100, 450, 900, -10.8)]
    public void MilliDecibans_WorkedExamples_AreMet(long e1, long n1, long e2, long n2, double decibans) =>
        Assert.That(Contrast.MilliDecibans(e1, n1, e2, n2) / 1e3, Is.EqualTo(decibans).Within(0.05));

    [TestCase(5, 10, 1, 90, 12_000)]
    [TestCase(3, 20, 1, 180, 12_000)]
    public void Evidence_StrongContrast_IsClipped(long e1, long n1, long e2, long n2, long expected) =>
        Assert.That(Contrast.Evidence(e1, n1, e2, n2), Is.EqualTo(expected));

    [Test]
    public void Evidence_TwoFoldOnly_IsNotPositive()
    {
        Assert.That(Contrast.MilliDecibans(2_000, 10_000, 1_000, 10_000), Is.Positive);
        Assert.That(Contrast.Evidence(2_000, 10_000, 1_000, 10_000), Is.Zero);
    }

    [Test]
    public void Evidence_NoSiblingTraffic_BlamesNobody() =>
        Assert.That(Contrast.Evidence(50, 100, 0, 0), Is.LessThanOrEqualTo(0));

    [Test]
    public void Expected_FewSiblings_ShrinksToTheBaseline()
    {
        Assert.That(Contrast.Expected(100, 0, 0, 0.001), Is.EqualTo(0.1).Within(1e-12));
        Assert.That(Contrast.Expected(100, 9, 9_000, 0.001), Is.EqualTo(0.1).Within(1e-12));
    }
}
