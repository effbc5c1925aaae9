using System.Collections.Immutable;
using SelfHeal.Lab.Scenarios;
using SelfHeal.Lab.Upstream;

namespace SelfHeal.Sidecar.Demo;

/// <summary>
/// After a resolution in a mesh the owner of the VirtualService takes over: the canary out, which ends our overlay,
/// then repaired and in again. What the data plane holds then must be what it held before the incident.
/// </summary>
internal sealed class DemoTakeover(DemoStage stage, DemoMesh mesh, DemoWatch watch, TimeProvider time)
{
    /// <summary>Plays it.</summary>
    /// <param name="before">What was held before the onset.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was held meanwhile, and whether it was what it had to be.</returns>
    public async Task<(ImmutableArray<DemoDigest> Digests, ImmutableArray<ScenarioFinding> Findings)> PlayAsync(
        DemoDigest before, CancellationToken cancellationToken)
    {
        var under = await DigestAsync("under the overlay", cancellationToken);
        watch.Note(time.GetUtcNow(), "takeover", "the owner takes the canary out: the VirtualService says 100 to 0");
        await mesh.SplitAsync(canary: 0, cancellationToken);
        var hasEnded = await WaitAsync(
            "the VirtualService has changed: its word counts, the overlay ends", HasEndedAsync, cancellationToken);
        watch.Note(time.GetUtcNow(), "repaired", "the canary is healthy again: the VirtualService says 90 to 10");
        stage.Canary.Faults.Set(FaultPlan.Healthy);
        await mesh.SplitAsync(canary: 10, cancellationToken);
        await WaitAsync(
            "the VirtualService is as before: so must the route be",
            async () => await stage.DigestAsync(cancellationToken) == before.Digest,
            cancellationToken);
        var after = await DigestAsync("after the overlay", cancellationToken);
        var overlays = await stage.Admin.OverlaysAsync(cancellationToken);
        var isRestored = before.Digest is not null && after.Digest == before.Digest && under.Digest != before.Digest;
        return (
            [under, after],
            [
                new ScenarioFinding(
                    "the overlay ends when the VirtualService changes what it sets",
                    hasEnded && overlays.IsEmpty,
                    watch.Timeline.LastOrDefault(static entry => entry.Event is "handed_over")?.Text ?? "nothing"),
                new ScenarioFinding(
                    "with the VirtualService as before, the route is byte for byte as before the incident",
                    isRestored,
                    $"{before.Short} {before.Moment}, {under.Short} {under.Moment}, {after.Short} {after.Moment}"),
            ]);

        async Task<bool> HasEndedAsync() => (await stage.Admin.OverlaysAsync(cancellationToken)).IsEmpty
            && watch.Timeline.Any(static entry => entry.Event is "handed_over")
            && await stage.DigestAsync(cancellationToken) != under.Digest;
    }

    private async Task<DemoDigest> DigestAsync(string moment, CancellationToken cancellationToken)
    {
        var digest = await stage.DigestAsync(cancellationToken);
        return new DemoDigest(moment, digest);
    }

    private async Task<bool> WaitAsync(string waiting, Func<Task<bool>> hasCome, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            await watch.LookAsync(stage, cancellationToken);
            watch.Show(stage, waiting, progress: null);
            if (await hasCome())
                return true;
            if (time.GetElapsedTime(start) > DemoTiming.Takeover)
                return false;
            await Task.Delay(DemoTiming.Look, time, cancellationToken);
        }
    }
}
