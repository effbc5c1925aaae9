using System.Collections.Immutable;
using System.Globalization;
using SelfHeal.Core.Time;
using SelfHeal.Lab;
using SelfHeal.Lab.Mesh;
using SelfHeal.Lab.Scenarios;

namespace SelfHeal.Sidecar.Demo;

/// <summary>Plays one scenario once: healthy warm-up, onset, whatever SelfHeal makes of it, and the facts.</summary>
internal sealed class DemoRun(
    DemoOptions options, MeshAddresses? mesh, ulong seed, IDemoScreen screen, TimeProvider time)
{
    private readonly DemoWatch _watch = new(screen, time);
    private readonly IRandomSource _random = new SeededRandomSource(seed);

    /// <summary>Plays it; nothing it started is left running.</summary>
    public Task<DemoResult> PlayAsync(CancellationToken cancellationToken) =>
        screen.ShowAsync(() => PlayOnStageAsync(cancellationToken));

    private async Task<DemoResult> PlayOnStageAsync(CancellationToken cancellationToken)
    {
        _watch.Say("start", $"{options.Scenario.Name}, seed {seed}: {options.Scenario.Summary}");
        await using var stage = await DemoStage.StartAsync(
            options, mesh, seed, text => _watch.Say("ready", text), time, cancellationToken);

        try
        {
            return await PlayAsync(stage, cancellationToken);
        }
        catch (LabException)
        {
            stage.KeepDirectory = true;
            throw;
        }
    }

    private async Task<DemoResult> PlayAsync(DemoStage stage, CancellationToken cancellationToken)
    {
        await WarmUpAsync(stage, cancellationToken);
        var before = new DemoDigest("before the incident", await stage.DigestAsync(cancellationToken));
        var onset = stage.Fault.Begin();
        _watch.Note(onset, "onset", options.Scenario.Summary);
        await FollowAsync(stage, onset, cancellationToken);
        var after = new DemoDigest(
            "at its end", await SettledDigestAsync(stage, before.Digest, cancellationToken));
        await _watch.LookAsync(stage, cancellationToken);
        var late = CanaryRequestsLate(stage);
        var findings = ImmutableArray.CreateRange(ScenarioJudge.Judge(
            options.Scenario, new ScenarioObservation(EventsToJudge(), before.Digest, after.Digest, late)));
        ImmutableArray<DemoDigest> digests = [before, after];
        if (stage.Mesh is { } source && _watch.Timeline.Any(static entry => entry.Event is "resolved"))
        {
            var takeover = new DemoTakeover(stage, source, _watch, time);
            var (meanwhile, found) = await takeover.PlayAsync(before, cancellationToken);
            (digests, findings) = ([before, .. meanwhile], findings.AddRange(found));
        }

        await stage.Load.StopAsync();
        var result = await ConcludeAsync(stage, onset, findings, digests, late, cancellationToken);

        // Whoever looks for the reason needs the logs.
        stage.KeepDirectory = !result.Held;
        return result;
    }

    private async Task WarmUpAsync(DemoStage stage, CancellationToken cancellationToken)
    {
        var length = DemoTiming.WarmUp(options, _random.NextInt32(1000));
        stage.Load.Start();
        _watch.Begin();
        _watch.Say("load", "200 requests per second go in through the data plane; everything is healthy");
        while (_watch.Elapsed < length)
        {
            await _watch.LookAsync(stage, cancellationToken);
            _watch.Show(stage, "healthy warm-up", _watch.Elapsed / length);
            var left = length - _watch.Elapsed;
            if (left > TimeSpan.Zero)
                await Task.Delay(left < DemoTiming.Look ? left : DemoTiming.Look, time, cancellationToken);
        }
    }

    /// <summary>Until the incident is over as far as the scenario wants to see it, or its time is.</summary>
    private async Task FollowAsync(DemoStage stage, DateTimeOffset onset, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        long? recommended = null;
        var failureSeen = false;
        while (time.GetElapsedTime(start) < DemoTiming.AfterOnset(options))
        {
            await _watch.LookAsync(stage, cancellationToken);
            if (!failureSeen && stage.Load.Failures.FirstFrom(onset) is { } first)
            {
                failureSeen = true;
                _watch.Note(first, "first failure", "the first failing response");
            }

            var (waiting, progress) = Waiting(time.GetElapsedTime(start));
            _watch.Show(stage, waiting, progress);
            var isRolledBack = _watch.Timeline.Any(entry => entry.Event is "rolled_back");
            var isRecommended = _watch.Timeline.Any(entry => entry.Event is "recommended");
            if (_watch.Timeline.Any(entry => entry.Event is "resolved" or "handed_over"))
                return;

            // After a rollback the causes are ranked again; what comes of that is the end of the story.
            if (isRolledBack && isRecommended)
                return;
            if (isRecommended)
                recommended ??= time.GetTimestamp();
            if (recommended is { } since && time.GetElapsedTime(since) > DemoTiming.Watch(options))
                return;
            if (_watch.Incident is null && time.GetElapsedTime(start) > DemoTiming.Detection(options))
                return;
            await Task.Delay(DemoTiming.Look, time, cancellationToken);
        }
    }

    private (string Waiting, double? Progress) Waiting(TimeSpan sinceOnset)
    {
        var timeline = _watch.Timeline;
        if (timeline.Any(entry => entry.Event is "failed"))
            return ("the contract failed: waiting for the rollback and the next diagnosis", null);
        if (timeline.Any(entry => entry.Event is "recommended"))
            return ("watching that nothing is changed", null);
        if (DemoTimes.AckedAt(timeline) is { } acked)
            return ("the contract is watched", (time.GetUtcNow() - acked) / options.ContractWindow);

        // One flush to see it, another for persistence, and what the onset's place within its flush adds.
        return ("waiting for flushes that show it", sinceOnset / (options.Flush * 3));
    }

    /// <summary>A rollback is on its way when the record says so; Envoy gets a moment to hold it.</summary>
    private async Task<string?> SettledDigestAsync(
        DemoStage stage, string? before, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            var digest = await stage.DigestAsync(cancellationToken);
            var settled = options.Scenario.Outcome != ScenarioOutcome.RolledBack
                || string.Equals(digest, before, StringComparison.Ordinal);
            if (settled || time.GetElapsedTime(start) > TimeSpan.FromSeconds(5))
                return digest;
            await Task.Delay(DemoTiming.Look, time, cancellationToken);
        }
    }

    /// <summary>After a rollback the canary has its traffic again, so there the question makes no sense.</summary>
    private long? CanaryRequestsLate(DemoStage stage) =>
        options.Scenario.Outcome == ScenarioOutcome.Resolved && DemoTimes.AckedAt(_watch.Timeline) is { } held
            ? stage.Canary.Requests.CountAfter(held + TimeSpan.FromSeconds(1))
            : null;

    /// <summary>Where nothing may be changed, no incident may change anything, whichever came first.</summary>
    private List<string> EventsToJudge() => options.Scenario.Outcome == ScenarioOutcome.Recommended
        ? [.. _watch.AllEvents]
        : [.. _watch.Timeline.Select(static entry => entry.Event)];

    private async Task<DemoResult> ConcludeAsync(
        DemoStage stage,
        DateTimeOffset onset,
        ImmutableArray<ScenarioFinding> findings,
        ImmutableArray<DemoDigest> digests,
        long? late,
        CancellationToken cancellationToken)
    {
        await _watch.LookAsync(stage, cancellationToken);
        _watch.Show(stage, "the end", null);
        var timeline = _watch.Timeline;
        var first = stage.Load.Failures.FirstFrom(onset);
        var id = _watch.Incident?.IncidentId;
        return new DemoResult(
            seed,
            stage.DataPlane.Description,
            [.. findings, Healthy(stage, onset)],
            digests,
            first is { } start ? DemoTimes.Steps(start, timeline) : [],
            DemoTimes.AckedAt(timeline) - first,
            stage.Load.Failures.CountAfter(onset),
            late,
            stage.Load.Snapshot(),
            id is null ? null : await stage.Admin.RecordAsync(id, cancellationToken),
            id is null ? null : await stage.Admin.NarrativeAsync(id, cancellationToken),
            stage.Directory);
    }

    private static ScenarioFinding Healthy(DemoStage stage, DateTimeOffset onset)
    {
        var early = stage.Load.Failures.Total - stage.Load.Failures.CountAfter(onset);
        return new ScenarioFinding(
            "nothing failed before the onset", early == 0, early.ToString(CultureInfo.InvariantCulture));
    }
}
