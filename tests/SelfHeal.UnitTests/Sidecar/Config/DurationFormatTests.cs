using FsCheck;
using FsCheck.Fluent;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.UnitTests.Sidecar.Config;

internal sealed class DurationFormatTests
{
    [TestCase("0s", 0)]
    [TestCase("250ms", 250)]
    [TestCase("5s", 5_000)]
    [TestCase("10m", 600_000)]
    [TestCase("1h30m", 5_400_000)]
    [TestCase("1h2m3s4ms", 3_723_004)]
    public void TryParse_Duration_IsRead(string text, long milliseconds)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(DurationFormat.TryParse(text, out var duration), Is.True);
            Assert.That(duration, Is.EqualTo(TimeSpan.FromMilliseconds(milliseconds)));
        }
    }

    [TestCase("")]
    [TestCase("5")]
    [TestCase("s")]
    [TestCase("5 s")]
    [TestCase("-5s")]
    [TestCase("1.5s")]
    [TestCase("1s1s")]
    [TestCase("1s1m")]
    [TestCase("1d")]
    [TestCase("1S")]
    [TestCase("9999999999s")]
    [TestCase("999999999h")]
    public void TryParse_SomethingElse_IsRefused(string text) =>
        Assert.That(DurationFormat.TryParse(text, out _), Is.False);

    [Test]
    public void Write_AnyDuration_IsReadBack() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNegativeInt>(), milliseconds =>
        {
            var duration = TimeSpan.FromMilliseconds(milliseconds.Get);
            return DurationFormat.TryParse(DurationFormat.Write(duration), out var read) && read == duration;
        }).QuickCheckThrowOnFailure();
}
