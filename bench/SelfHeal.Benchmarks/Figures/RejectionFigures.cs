using System.Diagnostics;
using System.Globalization;
using SelfHeal.Benchmarks.Rejections;
using SelfHeal.Benchmarks.Servers;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>
/// What follows a NACK, on the wire of <c>selfheal serve</c> with 1,000 clusters that all change at once, one of them
/// badly: how soon the client has accepted content again, in how many pushes the 999 others are live, and whether
/// anything that was rejected comes again within a minute of changes.
/// </summary>
internal sealed class RejectionFigures : IFigureProvider
{
    private const string Fallback = "xds.nack_to_lkg_p99_ms";
    private const string Resends = "xds.identical_resends";
    private const string Named = "xds.isolation_pushes_named";
    private const string Unnamed = "xds.isolation_pushes_unnamed";

    private const int Clusters = 1_000;
    private const int Rounds = 30;
    private const int Culprit = 617;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(60);

    private readonly List<TimeSpan> _fallbacks = [];
    private int _resends;
    private int _responses;

    public IReadOnlyList<string> Names { get; } = [Fallback, Resends, Named, Unnamed];

    public async Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var pushes = new Dictionary<(bool Delta, bool Names), int>();
        foreach (var (delta, names) in new[] { (true, true), (true, false), (false, true), (false, false) })
            pushes[(delta, names)] = await MeasureAsync(delta, names, cancellationToken);
        var sorted = _fallbacks.Order().ToList();
        var p99 = sorted[(int)Math.Ceiling(sorted.Count * 0.99) - 1];
        run.Add(Fallback, p99.TotalMilliseconds, "ms", string.Create(
            CultureInfo.InvariantCulture,
            $"{sorted.Count} NACKs of 1,000 clusters, delta and SotW; median "
            + $"{sorted[sorted.Count / 2].TotalMilliseconds:F1}, longest {sorted[^1].TotalMilliseconds:F1}"));
        run.Add(Resends, _resends, "responses", string.Create(
            CultureInfo.InvariantCulture,
            $"of {_responses} to 4 clients, each with a minute of a change a second while its culprit stands"));
        run.Add(Named, Math.Max(pushes[(true, true)], pushes[(false, true)]), "pushes", string.Create(
            CultureInfo.InvariantCulture,
            $"until the 999 others are live, most of {Rounds} rounds; delta {pushes[(true, true)]}, SotW "
            + $"{pushes[(false, true)]}; wanted 1"));
        run.Add(Unnamed, Math.Max(pushes[(true, false)], pushes[(false, false)]), "pushes", string.Create(
            CultureInfo.InvariantCulture,
            $"the same where the NACK names nothing; delta {pushes[(true, false)]}, SotW {pushes[(false, false)]}; "
            + $"wanted ceil(log2 1000) + 2 = 12"));
    }

    private async Task<int> MeasureAsync(bool delta, bool names, CancellationToken cancellationToken)
    {
        // Each client has a server of its own: a culprit that one client found is kept from every other one.
        await using var server = await ServerProcess.StartSelfHealAsync(isPinned: false, cancellationToken);
        var file = new ClusterFile(server.Resources, Clusters);
        file.WriteGood();
        await using var client = await RejectingClient.ConnectAsync(server.Port, delta, names, cancellationToken);
        var most = 0;
        for (var round = 0; round < Rounds; round++)
        {
            file.WriteGood();
            await HoldsAsync(client, file.StatName, Clusters, server, cancellationToken);
            client.Begin();
            file.WriteBad(Culprit);
            most = Math.Max(
                most, await HoldsAsync(client, file.StatName, Clusters - 1, server, cancellationToken));
        }

        await WatchAsync(file, client, cancellationToken);
        if (client.Fallbacks.Count < Rounds)
        {
            throw new InvalidDataException(
                $"{client.Fallbacks.Count} returns to accepted content in {Rounds} rounds; {server.LogTail()}");
        }

        _fallbacks.AddRange(client.Fallbacks);
        _resends += client.IdenticalResends;
        _responses += client.Responses;
        return most;
    }

    /// <summary>A minute in which something else changes every second, so that there is reason to push.</summary>
    private static async Task WatchAsync(
        ClusterFile file, RejectingClient client, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var changes = 0;
        var before = client.Responses;
        while (Stopwatch.GetElapsedTime(start) < Watch && await second.WaitForNextTickAsync(cancellationToken))
            file.WriteOther(++changes);
        if (client.Responses - before < changes / 2)
            throw new InvalidDataException($"{client.Responses - before} responses to {changes} changes");
    }

    private static async Task<int> HoldsAsync(
        RejectingClient client, string statName, int count, ServerProcess server, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (await look.WaitForNextTickAsync(cancellationToken))
        {
            if (client.Holds(statName, count, out var pushes))
                return pushes;
            if (Stopwatch.GetElapsedTime(start) > Patience)
                throw new TimeoutException($"{count} clusters were not live within {Patience}: {server.LogTail()}");
        }

        throw new OperationCanceledException(cancellationToken);
    }
}
