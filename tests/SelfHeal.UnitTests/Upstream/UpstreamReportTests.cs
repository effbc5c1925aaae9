using SelfHeal.Core.Upstream;

namespace SelfHeal.UnitTests.Upstream;

[TestFixture]
public sealed class UpstreamReportTests
{
    private static readonly UpstreamReport Quiet = UpstreamReport.Without(UpstreamAnswer.Read);

    [Test]
    public void HasTrouble_OfEachKind_IsTrue()
    {
        UpstreamReport[] troubled =
        [
            Quiet with { Rejects = [new("cds", 1)] },
            Quiet with { PushErrors = 1 },
            Quiet with { InternalErrors = 1 },
            Quiet with { Timeouts = 1 },
        ];

        Assert.That(troubled.Select(static r => r.HasTrouble), Is.All.True);
        Assert.That((Quiet with { Pushes = 1, Converged = 1, ConnectedProxies = 1 }).HasTrouble, Is.False);
        Assert.That((Quiet with { Rejects = [new("cds", 0)] }).HasTrouble, Is.False);
    }

    /// <summary>As it comes out of a recording that was tampered with.</summary>
    [Test]
    public void Report_WithoutListOfRejects_CannotBe() => Assert.That(
        static () => new UpstreamReport(UpstreamAnswer.Read, 0, default, 0, 0, 0, 0, 0, null, 0),
        Throws.ArgumentException);
}
