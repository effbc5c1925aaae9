using SelfHeal.Core.Control;
using SelfHeal.Core.Recording;

namespace SelfHeal.UnitTests.Recording;

[TestFixture]
internal sealed class RecordingStartTests
{
    [Test]
    public void RoundTrip_OfEveryOption_KeepsIt()
    {
        var start = new RecordingStart
        {
            Origin = RecordingOrigin.Imported,
            Options = (ControlLoopOptions)Samples.Of(typeof(ControlLoopOptions)),
            StartedNanos = long.MaxValue,
            StartedAt = new DateTimeOffset(2026, 4, 12, 3, 17, 42, 123, 456, TimeSpan.Zero).AddTicks(7),
            LedgerEntries = 3,
            IsContinuation = true,
        };

        Assert.That(RecordingStart.TryRead(start.Write(), out var read), Is.True);

        Assert.That(Samples.Leaves(read), Is.EqualTo(Samples.Leaves(start)));
        Assert.That(Samples.Leaves(start).Count(), Is.GreaterThan(40));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("{}")]
    [TestCase("""{"origin":"served"}""")]
    [TestCase("""{"origin":"elsewhere","options":null}""")]
    public void TryRead_OfSomethingElse_SaysSo(string json) =>
        Assert.That(RecordingStart.TryRead(System.Text.Encoding.UTF8.GetBytes(json), out _), Is.False);
}
