using System.Diagnostics;
using System.Globalization;
using SelfHeal.Benchmarks.Delegation;
using SelfHeal.Core.Remediation;
using SelfHeal.Sidecar.Overlays;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>
/// How soon other weights are live in a real Envoy behind a real Istiod: by an overlay, from the call, and by a patch
/// of the VirtualService, from its sending; in turns in the same run.
/// </summary>
internal sealed class DelegateLiveFigures : IFigureProvider
{
    private const string OverlayLive = "delegate.overlay_live_ms";
    private const string VirtualServiceLive = "delegate.virtualservice_live_ms";
    private const string Owner = "figures";
    private const double Bound = 20;
    private const int Rounds = 20;

    // Istiod lengthens its debounce while changes come, and the relay looks at what it was given after a while.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private readonly List<double> _overlays = [];
    private readonly List<double> _patches = [];
    private TimeSpan _longestLook;

    public IReadOnlyList<string> Names { get; } = [OverlayLive, VirtualServiceLive];

    public async Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var notes = new List<string>();
        foreach (var isDelta in (bool[])[true, false])
        {
            var (overlays, patches) = (_overlays.Count, _patches.Count);
            await MeasureAsync(isDelta, cancellationToken);
            notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{(isDelta ? "delta" : "SotW")} {Median([.. _overlays.Skip(overlays)]):F1} and "
                + $"{Median([.. _patches.Skip(patches)]):F1}"));
        }

        var look = string.Create(
            CultureInfo.InvariantCulture,
            $"medians of both: {string.Join(", ", notes)}; Envoy's admin interface is asked without a pause, an answer "
            + $"took {_longestLook.TotalMilliseconds:F1} ms at most");
        run.Add(OverlayLive, Median(_overlays), "ms", Describe("overlays laid or withdrawn", _overlays)
            + string.Create(CultureInfo.InvariantCulture, $"; bound {Bound}; {look}"));
        run.Add(VirtualServiceLive, Median(_patches), "ms", Describe("patches of the VirtualService", _patches)
            + "; Istiod's debounce is 100 ms of it");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Describe(string what, List<double> values) => string.Create(
        CultureInfo.InvariantCulture,
        $"median of {values.Count} {what}, in turns with the others; {values.Min():F1} to {values.Max():F1}");

    private async Task MeasureAsync(bool isDelta, CancellationToken cancellationToken)
    {
        await using var gateway = await MeshGateway.StartAsync(isDelta, cancellationToken);
        var own = await gateway.SplitAsync(cancellationToken);
        if (own is not { StableWeight: 90, CanaryWeight: 10 })
            throw new InvalidDataException($"Envoy has {own}, expected 90 and 10");
        for (var round = -1; round < Rounds; round++)
        {
            var laid = await TakeAsync(
                gateway, 100, () => LayAsync(gateway, own, cancellationToken), cancellationToken);
            await CheckAsync(gateway, isOverlaid: true, cancellationToken);
            var withdrawn = await TakeAsync(
                gateway, own.CanaryWeight, () => WithdrawAsync(gateway, cancellationToken), cancellationToken);
            await CheckAsync(gateway, isOverlaid: false, cancellationToken);
            var patched = await TakeAsync(
                gateway, 60, () => MeshObjects.SplitAsync(gateway.Api, 40, cancellationToken), cancellationToken);
            var back = await TakeAsync(
                gateway, 10, () => MeshObjects.SplitAsync(gateway.Api, 90, cancellationToken), cancellationToken);

            // The first round warms up.
            if (round < 0)
                continue;
            _overlays.AddRange(laid, withdrawn);
            _patches.AddRange(patched, back);
        }

        if (gateway.Log.Errors.FirstOrDefault() is { } error)
            throw new InvalidDataException(error);
    }

    private async Task<double> TakeAsync(
        MeshGateway gateway, uint canary, Func<Task> change, CancellationToken cancellationToken)
    {
        await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        var start = Stopwatch.GetTimestamp();
        var changing = change();
        var (at, look) = await gateway.LiveAsync(canary, cancellationToken);
        await changing;
        _longestLook = look > _longestLook ? look : _longestLook;
        return Stopwatch.GetElapsedTime(start, at).TotalMilliseconds;
    }

    private static async Task LayAsync(MeshGateway gateway, RouteSplit split, CancellationToken cancellationToken)
    {
        var overlay = new Overlay.WeightedClusters(
            split.RouteConfiguration, split.VirtualHost, split.Route,
            [new ClusterWeight(MeshObjects.Stable, 0), new ClusterWeight(MeshObjects.Canary, 100)])
        {
            Id = "live",
            Owner = Owner,
            Reason = "how soon it is live",
            IncidentId = Owner,
            ExpiresAt = TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1),
        };
        var answer = await gateway.Overlays.LayAsync(overlay, cancellationToken);
        if (answer.State != OverlayState.Laid)
            throw new InvalidDataException($"the overlay is {answer.State}: {answer.Problem}");
    }

    private static async Task WithdrawAsync(MeshGateway gateway, CancellationToken cancellationToken)
    {
        var answer = await gateway.Overlays.WithdrawAsync("live", Owner, "it is live", cancellationToken);
        if (answer.State != OverlayState.Withdrawn)
            throw new InvalidDataException($"the overlay is {answer.State}: {answer.Problem}");
    }

    /// <summary>Traffic goes where Envoy says that it goes.</summary>
    private static async Task CheckAsync(MeshGateway gateway, bool isOverlaid, CancellationToken cancellationToken)
    {
        const int Requests = 20;
        var canary = await gateway.CanaryAnswersAsync(Requests, cancellationToken);
        if (isOverlaid != (canary == Requests))
        {
            throw new InvalidDataException(
                $"{canary} of {Requests} requests went to the canary, with the overlay: {isOverlaid}");
        }
    }
}
