using SelfHeal.Core.AccessLogs;
using SelfHeal.Core.Time;

namespace SelfHeal.UnitTests.AccessLogs;

internal sealed class AccessLogTableTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly AccessLogKey A = new("payments", "10.0.0.1:80", "main");
    private static readonly AccessLogKey B = new("payments", "10.0.0.2:80", "main");
    private static readonly uint Refused = ResponseFlagCodes.Bit(ResponseFlag.UpstreamConnectionFailure);
    private static readonly uint Retried = ResponseFlagCodes.Bit(ResponseFlag.UpstreamRetryLimitExceeded);

    private ControlTime _now;

    [SetUp]
    public void SetUp() => _now = new ControlTime(0, DateTimeOffset.UnixEpoch);

    [Test]
    public void Sum_FlagsAndCodes_AreCountedByHostAndRoute()
    {
        var table = new AccessLogTable(new AccessLogTableOptions());
        Count(table, (B, Refused | Retried, 5, 3), (A, 0, 2, 10), (B, Refused, 5, 1), (B, 0, 0, 1));

        var rows = table.Sum(1, _now);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows.Select(static r => r.Key), Is.EqualTo(new[] { A, B }));
            Assert.That(rows[0].Flags, Is.Empty);
            Assert.That(rows[0].CodeClasses, Is.EqualTo(new long[] { 0, 0, 10, 0, 0, 0 }));
            Assert.That(rows[1].Requests, Is.EqualTo(5));
            Assert.That(rows[1].CodeClasses, Is.EqualTo(new long[] { 1, 0, 0, 0, 0, 4 }));
            Assert.That(rows[1].Of(ResponseFlag.UpstreamConnectionFailure), Is.EqualTo(4));
            Assert.That(rows[1].Of(ResponseFlag.UpstreamRetryLimitExceeded), Is.EqualTo(3));
            Assert.That(rows[1].Of(ResponseFlag.NoRouteFound), Is.Zero);
            Assert.That(
                rows[1].Flags.Select(static f => ResponseFlagCodes.Of(f.Flag)), Is.EqualTo(new[] { "UF", "URX" }));
        }
    }

    [Test]
    public void Sum_LastIntervals_LeavesOutWhatIsOlder()
    {
        var table = new AccessLogTable(new AccessLogTableOptions { Interval = Interval, Intervals = 3 });
        for (var i = 1; i <= 5; i++)
        {
            Count(table, (A, 0, 2, i));
            _now = _now.Plus(Interval);
        }

        Assert.That(table.Rows, Is.EqualTo(3));
        Assert.That(table.Sum(1, _now), Is.Empty, "the interval that runs is empty");
        Assert.That(table.Sum(2, _now).Single().Requests, Is.EqualTo(5));
        Assert.That(table.Sum(100, _now).Single().Requests, Is.EqualTo(3 + 4 + 5));
    }

    [Test]
    public void OnBatch_MoreRowsThanTheLimit_AreCountedInTheOverflowRow()
    {
        var table = new AccessLogTable(new AccessLogTableOptions { Interval = Interval, RowLimit = 10 });
        for (var i = 0; i < 1_000; i++)
            Count(table, (A with { Upstream = $"10.0.{i / 256}.{i % 256}:80" }, Refused, 5, 2));
        _now = _now.Plus(Interval);
        Count(table, (A with { Upstream = "late" }, 0, 2, 1));

        var rows = table.Sum(2, _now);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows, Has.Length.EqualTo(11));
            Assert.That(rows.Sum(static r => r.Requests), Is.EqualTo(2_001), "nothing is lost");
            Assert.That(rows[0].Key, Is.EqualTo(AccessLogKey.Overflow));
            Assert.That(rows[0].Of(ResponseFlag.UpstreamConnectionFailure), Is.EqualTo(2 * 990));
            Assert.That(table.Counters.OverflowedRequests, Is.EqualTo((2 * 990) + 1));
            Assert.That(table.Rows, Is.EqualTo(12), "one of overflow in each interval");
        }
    }

    [Test]
    public void Codes_OfEveryFlag_AreThoseOfEnvoy() =>
        Assert.That(ResponseFlagCodes.All.Select(ResponseFlagCodes.Of), Is.EqualTo(new[]
        {
            "LH", "UH", "UT", "LR", "UR", "UF", "UC", "UO", "NR", "DI", "FI", "RL", "UAEX", "RLSE", "DC", "URX", "SI",
            "IH", "DPE", "UMSDR", "RFCF", "NFCF", "DT", "UPE", "NC", "OM", "DF", "DR",
        }));

    private void Count(
        AccessLogTable table, params (AccessLogKey Key, uint Flags, int CodeClass, int Requests)[] counts) =>
        table.OnBatch(
            new AccessLogBatch(
                1, [.. counts.Select(static c => new AccessLogCount(c.Key, c.Flags, c.CodeClass, c.Requests))]),
            _now);
}
