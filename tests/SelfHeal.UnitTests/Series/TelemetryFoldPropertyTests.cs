using FsCheck;
using FsCheck.Fluent;
using SelfHeal.Core.Series;

namespace SelfHeal.UnitTests.Series;

[TestFixture]
public sealed class TelemetryFoldPropertyTests
{
    [Test]
    public void OnBatch_AnyGapsLossesAndParts_LosesNoIncrease()
    {
        // Each step: how much the counter rises, and what happens to its flush (sent, in two parts, missing, part
        // lost).
        var steps = ArbMap.Default.ArbFor<(byte Rise, byte Fate)[]>();
        Prop.ForAll(steps, Holds).QuickCheckThrowOnFailure();
    }

    private static bool Holds((byte Rise, byte Fate)[] steps)
    {
        var scenario = new FoldScenario(new TelemetryOptions { BlockCapacity = 1_024 });
        scenario.Open(1, "node");
        var total = 1_000L;
        Send(scenario, total, fate: 0);
        foreach (var (rise, fate) in steps)
        {
            total += rise;
            scenario.Pass(4.8);
            Send(scenario, total, fate % 4);
        }

        scenario.Pass(4.8);
        Send(scenario, total, fate: 0);
        return scenario.Sum("a", Stat.UpstreamRqTotal, 1_024) == total - 1_000
            && scenario.Sum("b", Stat.UpstreamRqTotal, 1_024) == total - 1_000;
    }

    private static void Send(FoldScenario scenario, long total, int fate)
    {
        var millis = scenario.Now.MonotonicNanos / 1_000_000;
        var first = ("cluster.a.upstream_rq_total", total);
        var second = ("cluster.b.upstream_rq_total", total);
        switch (fate)
        {
            case 0:
                scenario.Part(1, millis, first, second);
                break;
            case 1:
                scenario.Part(1, millis, first);
                scenario.Pass(0.05);
                scenario.Part(1, millis, second);
                break;
            case 2:
                break;
            default:
                scenario.Lose(1, millis);
                scenario.Part(1, millis, second);
                break;
        }

        scenario.Pass(0.2);
    }
}
