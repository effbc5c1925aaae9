using System.Diagnostics;
using System.Globalization;
using SelfHeal.Benchmarks.Delegation;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>
/// Istiod is killed, a service is removed while it is away, and it is started again: from its first answer until Envoy
/// has dropped the service's cluster; and what was sent to Envoy of what did not change.
/// </summary>
internal sealed class DelegateResyncFigures : IFigureProvider
{
    private const string Resync = "delegate.resync_ms";
    private const string Unchanged = "delegate.resync_unchanged_bytes";
    private const string Istiod = "istiod";
    private const double Bound = 1_000;
    private const int Rounds = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<double> _times = [];
    private TappedCount _delta;
    private TappedCount _stateOfTheWorld;

    public IReadOnlyList<string> Names { get; } = [Resync, Unchanged];

    public async Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        _delta = await MeasureAsync(isDelta: true, cancellationToken);
        _stateOfTheWorld = await MeasureAsync(isDelta: false, cancellationToken);
        run.Add(Resync, _times.Max(), "ms", string.Create(
            CultureInfo.InvariantCulture,
            $"from Istiod's first answer after its restart until Envoy has dropped a removed cluster, the longest of "
            + $"{_times.Count}, delta and SotW; bound {Bound}; median "
            + $"{_times.Order().ElementAt(_times.Count / 2):F0}"));
        run.Add(Unchanged, _delta.UnchangedBytes, "bytes", string.Create(
            CultureInfo.InvariantCulture,
            $"sent to Envoy in delta, of resources that it had already, after {Rounds} restarts; wanted 0; all: "
            + $"{_delta.Bytes} bytes in {_delta.Responses} responses, {_delta.Removed} names removed, "
            + $"{_delta.Reordered} clusters that Istiod wrote in another order of their maps; in SotW, where a type is "
            + $"sent whole: {_stateOfTheWorld.UnchangedBytes} of {_stateOfTheWorld.Bytes} bytes in "
            + $"{_stateOfTheWorld.Responses} responses"));
    }

    private async Task<TappedCount> MeasureAsync(bool isDelta, CancellationToken cancellationToken)
    {
        await using var gateway = await MeshGateway.StartAsync(isDelta, cancellationToken);
        await WaitClusterAsync(gateway, isThere: true, cancellationToken);
        var sum = default(TappedCount);
        for (var round = 0; round < Rounds; round++)
        {
            await gateway.Mesh.RunAsync("kill", Istiod, cancellationToken);
            await gateway.Api.DeleteAsync(MeshObjects.OtherEntry, cancellationToken);
            var before = gateway.Tap.Count();
            var start = Stopwatch.GetTimestamp();
            var starting = gateway.Mesh.RunAsync("start", Istiod, cancellationToken);
            var answered = await gateway.Log.WaitAsync(start, Patience, cancellationToken, ": upstream ", " answers");
            var dropped = await WaitClusterAsync(gateway, isThere: false, cancellationToken);
            await starting;
            _times.Add(Stopwatch.GetElapsedTime(answered.At, dropped).TotalMilliseconds);

            // Whatever else it has to say has been said by then.
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, cancellationToken);
            var sent = gateway.Tap.Count() - before;
            sum += sent;
            await gateway.Api.CreateAsync(MeshObjects.ServiceEntries, MeshObjects.Other, cancellationToken);
            await WaitClusterAsync(gateway, isThere: true, cancellationToken);
        }

        return sum;
    }

    /// <summary>Asks Envoy without a pause.</summary>
    private static async Task<long> WaitClusterAsync(
        MeshGateway gateway, bool isThere, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Patience)
        {
            var clusters = await gateway.AdminAsync("/clusters", cancellationToken);
            if (clusters.Contains(MeshObjects.OtherCluster, StringComparison.Ordinal) == isThere)
                return Stopwatch.GetTimestamp();
        }

        throw new TimeoutException($"{MeshObjects.OtherCluster} is in Envoy: {!isThere}, for {Patience}");
    }
}
