using FsCheck;
using FsCheck.Fluent;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Sessions;

/// <summary>What must hold whatever the order of snapshots, answers and time.</summary>
public sealed class SessionPropertyTests
{
    private static readonly string[] Services = ["a", "b", "c"];

    [TestCase(false)]
    [TestCase(true)]
    public void AnySequence_WithRejections_ConvergesWithoutRepeating(bool delta) => Check(steps =>
    {
        var envoy = new SimulatedEnvoy(delta);
        envoy.Connect();
        foreach (var step in steps)
            Step(envoy, step, mayReject: true);
        // Content that was never seen, so that no quarantine stands in its way.
        var final = Snapshot([.. Service("a", 900), .. Service("c", 901)]);
        envoy.Offer(final);
        envoy.Settle();
        envoy.Tick(TimeSpan.FromSeconds(10));
        envoy.Settle();
        envoy.CheckHolds(final);
    });

    [TestCase(false)]
    [TestCase(true)]
    public void AnySequence_WithoutRejections_RoutesAlwaysHaveTheirClusters(bool delta) => Check(steps =>
    {
        var envoy = new SimulatedEnvoy(delta);
        envoy.Connect();
        foreach (var step in steps)
        {
            Step(envoy, step, mayReject: false);
            envoy.CheckRoutes();
        }
        envoy.Settle();
        envoy.CheckRoutes();
    });

    [TestCase(false)]
    [TestCase(true)]
    public void AnySequence_CutAnywhere_ConvergesWithoutHolesAndNothingWarmsForEver(bool delta) => Check(steps =>
    {
        var envoy = new SimulatedEnvoy(delta);
        envoy.Connect();
        var offered = Drawn(7);
        envoy.Offer(offered);
        foreach (var step in steps)
        {
            if (step % 10 == 7)
                envoy.Reconnect();
            else if (step % 10 is 0 or 1)
                envoy.Offer(offered = Drawn(step / 10));
            else if (step % 10 < 6)
                envoy.Receive();
            else
                envoy.AcceptOldest();
            envoy.CheckRoutes();
        }
        envoy.Settle();
        envoy.CheckRoutes();
        envoy.CheckWarm();
        envoy.CheckHolds(offered);
    });

    /// <summary>
    /// Behaviours 63, 64 and 76 together: the stream is cut while a cluster warms that is gone from the next snapshot.
    /// It is kept for the routes that may use it, and comes back as it was before they let go of it.
    /// </summary>
    [Test]
    public void Cut_WarmingClusterIsGoneAndComesBackBeforeTheRoutesLetGo_GetsItsEndpoints()
    {
        var cold = Service("b").Where(each => each.TypeUrl is not TypeUrl.Cluster).Append(Cluster("b", 2));
        var warming = Snapshot([.. Service("a"), .. cold]);
        var envoy = new SimulatedEnvoy(delta: true);
        envoy.Connect();
        envoy.Offer(Snapshot([.. Service("a"), .. Service("b")]));
        envoy.Settle();
        envoy.Offer(warming);
        Assert.That(envoy.Receive(), "the cluster");
        envoy.AcceptOldest();
        envoy.Offer(Snapshot(Service("a")));
        envoy.Reconnect();
        Assert.That(envoy.Receive(), "what is left of the endpoints");

        envoy.Offer(warming);
        envoy.Settle();

        envoy.CheckWarm();
        envoy.CheckHolds(warming);
    }

    /// <summary>One change, cut at each of the messages that it takes.</summary>
    [Test]
    public void EveryMessage_CutAfterIt_ConvergesWithoutHolesAndNothingWarmsForEver(
        [Values] bool delta, [Values] bool unread)
    {
        var before = Snapshot(Service("a"));
        var after = Snapshot(
            Cluster("b", 2), Endpoints("b"), Listener("a-listener", "a-route", 2), Route("a-route", "b"));
        for (var cut = 0; cut < 30; cut++)
        {
            var envoy = new SimulatedEnvoy(delta);
            envoy.Connect();
            envoy.Offer(before);
            for (var message = 0; message < cut; message++)
            {
                if (message == 14)
                    envoy.Offer(after);
                if (!envoy.Receive())
                    envoy.AcceptOldest();
                envoy.CheckRoutes();
            }
            if (unread)
                envoy.Receive();
            envoy.Reconnect();
            envoy.Offer(after);
            for (var message = 0; message < 60; message++)
            {
                if (!envoy.Receive())
                    envoy.AcceptOldest();
                envoy.CheckRoutes();
            }
            envoy.CheckWarm();
            envoy.CheckHolds(after);
        }
    }

    private static void Check(Action<int[]> property)
    {
        var steps = Arb.From(
            Gen.Choose(0, 9999).ArrayOf(),
            values => values.Select((_, index) => values.Where((_, place) => place != index).ToArray()));
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(120), Prop.ForAll(steps, property));
    }

    private static void Step(SimulatedEnvoy envoy, int step, bool mayReject)
    {
        var argument = step / 10;
        switch (step % 10)
        {
            case 0 or 1:
                envoy.Offer(Drawn(argument));
                break;
            case 2 or 3 or 4 or 5:
                envoy.Receive();
                break;
            case 6 when mayReject:
                AnswerOne(envoy, argument, accept: false);
                break;
            case 7 when mayReject:
                envoy.Tick(TimeSpan.FromSeconds(argument % 7));
                break;
            default:
                AnswerOne(envoy, argument, accept: true);
                break;
        }
    }

    private static void AnswerOne(SimulatedEnvoy envoy, int argument, bool accept)
    {
        var waiting = envoy.Unanswered.Order(StringComparer.Ordinal).ToArray();
        if (waiting.Length > 0)
            envoy.Answer(waiting[argument % waiting.Length], accept);
    }

    /// <summary>
    /// Some of three services, each in one of three contents; routes may move to the cluster of another.
    /// </summary>
    private static ValidatedSnapshot Drawn(int argument)
    {
        var resources = new List<XdsResource>();
        var present = Services.Where((_, index) => ((argument >> index) & 1) == 1).ToArray();
        for (var index = 0; index < present.Length; index++)
        {
            var knob = 1 + ((argument / 8) + index) % 3;
            var target = present[(index + (argument / 24)) % present.Length];
            resources.AddRange([Cluster(present[index], knob), Endpoints(present[index], knob)]);
            resources.AddRange(
                [
                    Listener($"{present[index]}-listener", $"{present[index]}-route", knob),
                    Route($"{present[index]}-route", target, knob)]);
        }
        return Snapshot([.. resources]);
    }
}
