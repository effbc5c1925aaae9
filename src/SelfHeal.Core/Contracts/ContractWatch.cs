using System.Collections.Immutable;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;

namespace SelfHeal.Core.Contracts;

/// <summary>
/// Judges one declared contract on blocks that began after every proxy had acknowledged the change. Acknowledged is not
/// warm, and sent is not held: only telemetry passes a contract.
/// </summary>
public sealed class ContractWatch
{
    // Guards look at the newest 12 blocks, the longest window of detection.
    private const int GuardBlocks = 12;

    private readonly VerificationContract _contract;
    private readonly LookJudge _judge;
    private readonly LookTerms _terms;
    private readonly List<ContractSample> _samples = [];
    private readonly ControlTime _acknowledged;
    private readonly long _ejectionsBefore;
    private long _nextBlock;
    private long _cleanMillis; // Measured time in a row in which every plain criterion held.

    /// <summary>Starts watching.</summary>
    /// <param name="contract">What was declared.</param>
    /// <param name="detection">The numbers of detection: a guard fails as a breach would.</param>
    /// <param name="series">J, the number of series that detection watches.</param>
    /// <param name="acknowledged">When the last proxy in scope acknowledged the change.</param>
    /// <param name="ejectionsBefore">Hosts ejected at that moment.</param>
    public ContractWatch(
        VerificationContract contract,
        DetectionOptions detection,
        int series,
        ControlTime acknowledged,
        long ejectionsBefore)
    {
        ArgumentNullException.ThrowIfNull(contract);
        _contract = contract;
        _judge = new LookJudge(detection);
        _judge.SetSeries(Math.Max(1, series));
        _terms = LookTerms.Declared(detection, LookKind.OwnWindow);
        _acknowledged = acknowledged;
        _ejectionsBefore = ejectionsBefore;
    }

    /// <summary>The verdict so far.</summary>
    public ContractVerdict Verdict { get; private set; }

    /// <summary>Why, as a sentence fragment.</summary>
    public string Reason { get; private set; } = "nothing has been measured yet";

    /// <summary>ln P(at most the failures seen | p_bad) in micro-nats; 0 excludes nothing.</summary>
    public long LnTailMicroNats { get; private set; }

    /// <summary>Every block that was counted.</summary>
    public ImmutableArray<ContractSample> Samples => [.. _samples];

    /// <summary>Counts every block that was closed since the last call.</summary>
    /// <param name="fold">The blocks.</param>
    /// <param name="now">The time of this step.</param>
    public void OnBlocks(TelemetryFold fold, ControlTime now)
    {
        ArgumentNullException.ThrowIfNull(fold);
        for (; Verdict == ContractVerdict.Undecided && _nextBlock <= fold.ClosedSequence; _nextBlock++)
        {
            if (fold.TryGetBlock(_nextBlock, out var block) && IsAfterTheChange(block))
                OnBlock(fold, block);
        }
    }

    /// <summary>Checks the deadline.</summary>
    /// <param name="now">The time of this step.</param>
    public void OnTick(ControlTime now)
    {
        if (Verdict == ContractVerdict.Undecided && now.Since(_acknowledged) >= _contract.Deadline)
            Decide(ContractVerdict.Inconclusive, $"undecided at the deadline: {Reason}");
    }

    private void OnBlock(TelemetryFold fold, BlockRecord block)
    {
        // Without a measurement the window stands still: no evidence passes nothing.
        if (Measure(fold, block) is not { } sample)
            return;
        _samples.Add(sample);
        JudgeCriteria(sample);
        if (GuardInBreach(fold) is { } guard)
        {
            Decide(ContractVerdict.Failed, guard);
            return;
        }

        LnTailMicroNats = Grouped().Sum(group => ClearTest.LnTail(
            group.Events, group.Trials, _contract.BadRatioPpm / 1e6, _contract.ShapeMicros / 1e6));
        JudgeWindow();
    }

    /// <summary>A proxy's part of a block may reach back before the block's start, so its start says nothing.</summary>
    private bool IsAfterTheChange(in BlockRecord block) =>
        block.CoversFrom.MonotonicNanos >= _acknowledged.MonotonicNanos;

    private ContractSample? Measure(TelemetryFold fold, BlockRecord block)
    {
        long trials = 0, events = 0, ejections = 0;
        var known = false;
        foreach (var cluster in _contract.Clusters)
        {
            var completed = fold.Window(cluster, Stat.UpstreamRqCompleted, 1);
            known |= completed.NewestKnown;
            trials += completed.Sum;
            events += fold.Window(cluster, Stat.UpstreamRq5xx, 1).Sum;
            ejections += fold.Window(cluster, Stat.OutlierEjectionsActive, 1).Sum;
        }

        var millis = (long)block.End.Since(block.Start).TotalMilliseconds;
        return known ? new ContractSample(block.Sequence, millis, trials, events, ejections) : null;
    }

    private void JudgeCriteria(ContractSample sample)
    {
        var held = (_contract.MaxErrorsPerSecondMillis is not { } limit
                || sample.Events * 1_000_000 < limit * Math.Max(1, sample.Millis))
            && (!_contract.NoNewEjections || sample.Ejections <= _ejectionsBefore);
        _cleanMillis = held ? _cleanMillis + sample.Millis : 0;
    }

    private void JudgeWindow()
    {
        var trials = _samples.Sum(static s => s.Trials);
        var events = _samples.Sum(static s => s.Events);
        Reason = $"{events} of {trials} responses failed";
        if (_cleanMillis < (long)_contract.Window.TotalMilliseconds)
            return;
        if (ClearTest.Excludes(LnTailMicroNats, _contract.AlphaPpm / 1e6))
            Decide(ContractVerdict.Passed, Reason);
        else
            Reason += ", too few to exclude the declared ratio";
    }

    /// <summary>Blocks closer than the correlation time are one piece of evidence: they are added up.</summary>
    private List<(long Trials, long Events)> Grouped()
    {
        var groups = new List<(long Trials, long Events)>();
        long trials = 0, events = 0, millis = 0;
        var correlation = (long)_contract.CorrelationTime.TotalMilliseconds;
        foreach (var sample in _samples)
        {
            trials += sample.Trials;
            events += sample.Events;
            millis += sample.Millis;
            if (millis < correlation)
                continue;
            groups.Add((trials, events));
            (trials, events, millis) = (0, 0, 0);
        }

        // A rest shorter than the correlation time belongs to the group before it.
        if (trials + events == 0)
            return groups;
        if (groups.Count == 0)
            groups.Add((trials, events));
        else
            groups[^1] = (groups[^1].Trials + trials, groups[^1].Events + events);
        return groups;
    }

    private string? GuardInBreach(TelemetryFold fold)
    {
        foreach (var guard in _contract.Guards)
        {
            var id = fold.FindCluster(guard);
            long trials = 0, events = 0;
            var held = 0;
            var holdsInNewest = false;
            for (var i = Math.Max(0, _samples.Count - GuardBlocks); i < _samples.Count; i++)
            {
                var flush = new LookInput(
                    fold.Window(id, Stat.UpstreamRq5xx, 1, _samples[i].Block).Sum,
                    fold.Window(id, Stat.UpstreamRqCompleted, 1, _samples[i].Block).Sum,
                    0,
                    0);
                trials += flush.Total;
                events += flush.Events;
                holdsInNewest = _judge.EffectHolds(LookKind.OwnWindow, flush, _terms);
                held += holdsInNewest ? 1 : 0;
            }

            // As for an action, one bad flush is not enough: the effect must hold twice, the newest flush included.
            if (held < 2 || !holdsInNewest)
                continue;
            var all = new LookInput(events, trials, 0, 0);
            var statistic = LookJudge.Statistic(LookKind.OwnWindow, all, _terms);
            var look = _judge.Judge(LookKind.OwnWindow, all, _terms, statistic, isMeasured: true);
            if (look.Verdict == Detection.Verdict.Breach)
                return $"{guard} failed {events} of {trials} responses after the change";
        }

        return null;
    }

    private void Decide(ContractVerdict verdict, string reason)
    {
        Verdict = verdict;
        Reason = reason;
    }
}
