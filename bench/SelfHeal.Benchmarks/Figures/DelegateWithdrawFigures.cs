using System.Diagnostics;
using System.Globalization;
using SelfHeal.Benchmarks.Delegation;
using SelfHeal.Core.Remediation;
using SelfHeal.Sidecar.Overlays;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>
/// A real Envoy rejects what overlays make of a route of a real Istiod: from its NACK to its ACK of Istiod's own route,
/// of which Istiod must hear nothing. Envoy's limit on the size of regular expressions is lowered at run time: it keeps
/// the route that it holds, and rejects any other version of it. That is more than a validator could know.
/// </summary>
internal sealed class DelegateWithdrawFigures : IFigureProvider
{
    private const string Withdraw = "delegate.withdraw_ms";
    private const string Owner = "figures";
    private const string Limit = "re2.max_program_size.error_level=1";
    private const string Routes = " envoy.config.route.v3.RouteConfiguration ";
    private const double Bound = 200;
    private const int Rounds = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly List<double> _fromNack = [];
    private readonly List<double> _fromCall = [];

    public IReadOnlyList<string> Names { get; } = [Withdraw];

    public async Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        foreach (var isDelta in (bool[])[true, false])
            await MeasureAsync(isDelta, cancellationToken);
        var (sorted, called) = (_fromNack.Order().ToList(), _fromCall.Order().ToList());
        run.Add(Withdraw, sorted[^1], "ms", string.Create(
            CultureInfo.InvariantCulture,
            $"from Envoy's NACK of an overlay to its ACK of the pristine route, the longest of {sorted.Count}, delta "
            + $"and SotW; bound {Bound}; median {sorted[sorted.Count / 2]:F1}; from the call that lays the overlay: "
            + $"median {called[called.Count / 2]:F1}, longest {called[^1]:F1}; Istiod counts no reject"));
    }

    private async Task MeasureAsync(bool isDelta, CancellationToken cancellationToken)
    {
        await using var gateway = await MeshGateway.StartAsync(isDelta, cancellationToken);
        var own = await gateway.SplitAsync(cancellationToken);
        await gateway.ModifyRuntimeAsync(Limit, cancellationToken);
        var (rejects, envoys) = (
            await gateway.RejectsAsync(cancellationToken), await RejectedAsync(gateway, cancellationToken));
        for (var round = -1; round < Rounds; round++)
        {
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            var start = Stopwatch.GetTimestamp();
            var laying = gateway.Overlays.LayAsync(OverlayOf(own, round + 1), cancellationToken);
            var nack = await gateway.Log.WaitAsync(start, Patience, cancellationToken, " rejected", Routes);
            var ack = await gateway.Log.WaitAsync(nack.At, Patience, cancellationToken, " accepted", Routes);
            await laying;
            if (await gateway.SplitAsync(cancellationToken) != own)
                throw new InvalidDataException("Envoy's route is not Istiod's own");

            // The first round warms up.
            if (round < 0)
                continue;
            _fromNack.Add(Stopwatch.GetElapsedTime(nack.At, ack.At).TotalMilliseconds);
            _fromCall.Add(Stopwatch.GetElapsedTime(start, ack.At).TotalMilliseconds);
        }

        if (await RejectedAsync(gateway, cancellationToken) - envoys < Rounds)
            throw new InvalidDataException("Envoy did not reject each overlay");
        if (gateway.Overlays.Entries.FirstOrDefault(static each => each.State == OverlayState.Laid) is { } laid)
            throw new InvalidDataException($"{laid.Overlay.Id} is laid though Envoy rejected it");
        var counted = await gateway.RejectsAsync(cancellationToken);
        if (counted > rejects)
            throw new InvalidDataException($"Istiod counts {counted} rejects, {rejects} before the overlays");
    }

    private static Overlay OverlayOf(RouteSplit split, int number) => new Overlay.WeightedClusters(
        split.RouteConfiguration, split.VirtualHost, split.Route,
        [
            new ClusterWeight(MeshObjects.Stable, (uint)number),
            new ClusterWeight(MeshObjects.Canary, 100 - (uint)number),
        ])
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"rejected-{number:D2}"),
        Owner = Owner,
        Reason = "what Envoy rejects",
        IncidentId = Owner,
        ExpiresAt = TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1),
    };

    private static async Task<long> RejectedAsync(MeshGateway gateway, CancellationToken cancellationToken)
    {
        var page = await gateway.AdminAsync("/stats?filter=rds.*update_rejected", cancellationToken);
        return page.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Sum(static line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }
}
