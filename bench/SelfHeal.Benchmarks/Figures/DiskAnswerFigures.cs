using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using SelfHeal.Benchmarks.Rejections;
using SelfHeal.Benchmarks.Servers;
using SelfHeal.Grpc;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>
/// <c>selfheal serve</c> is killed and its sources are gone, and in two rounds of three the newest file of what was
/// accepted is damaged too. Clients that have nothing try to connect from the start of the next process on: when the
/// last of them is answered from disk.
/// </summary>
internal sealed class DiskAnswerFigures : IFigureProvider
{
    private const string Figure = "xds.disk_answer_ms";
    private const int Clusters = 1_000;

    /// <summary>Clusters of the sample configuration, with which the server starts.</summary>
    private const int Samples = 2;

    private const int Clients = 50;
    private const int RoundCount = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private enum Damage
    {
        None,
        Flipped,
        Torn,
    }

    public IReadOnlyList<string> Names { get; } = [Figure];

    public async Task MeasureAsync(FigureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var lasts = new Dictionary<Damage, List<double>>();
        for (var round = 0; round < RoundCount; round++)
        {
            foreach (var damage in Enum.GetValues<Damage>())
            {
                var last = await MeasureAsync(damage, cancellationToken);
                if (!lasts.TryGetValue(damage, out var ofKind))
                    lasts.Add(damage, ofKind = []);
                ofKind.Add(last.TotalMilliseconds);
            }
        }

        run.Add(Figure, lasts.Values.SelectMany(static each => each).Max(), "ms", string.Create(
            CultureInfo.InvariantCulture,
            $"from the start of the process until the last of {Clients} clients has {Clusters} clusters, slowest of "
            + $"{RoundCount} rounds each; medians: files whole {Median(lasts[Damage.None]):F0}, newest file with a bit "
            + $"flipped {Median(lasts[Damage.Flipped]):F0}, torn {Median(lasts[Damage.Torn]):F0}"));
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static async Task<TimeSpan> MeasureAsync(Damage damage, CancellationToken cancellationToken)
    {
        await using var server = await ServerProcess.StartSelfHealAsync(isPinned: false, cancellationToken);
        var file = new ClusterFile(server.Resources, Clusters);
        var kept = new List<string>();
        await using (var client = await RejectingClient.ConnectAsync(
            server.Port, delta: false, namesCulprit: false, cancellationToken))
        {
            await KeptAsync(server, client, "", Samples, generation: 1, cancellationToken);
            for (var generation = 2; generation <= 3; generation++)
            {
                file.WriteGood();
                kept.Add(file.StatName);
                await KeptAsync(server, client, file.StatName, Clusters, generation, cancellationToken);
            }
        }

        await server.KillAsync(cancellationToken);
        Directory.Move(server.Resources, server.Resources + ".away");
        Apply(damage, server);
        var start = Stopwatch.GetTimestamp();
        server.StartAgain();
        var answers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(
            i => AnswerAsync(server, i, start, cancellationToken)));
        var expected = damage == Damage.None ? kept[1] : kept[0];
        if (answers.Any(answer => answer.StatName != expected))
            throw new InvalidDataException($"not every client was served {expected}; {server.LogTail()}");
        return answers.Max(static answer => answer.Elapsed);
    }

    /// <summary>Waits until the client holds so many clusters and so many generations are on disk.</summary>
    private static async Task KeptAsync(
        ServerProcess server,
        RejectingClient client,
        string statName,
        int count,
        int generation,
        CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await look.WaitForNextTickAsync(cancellationToken))
        {
            using var groups = JsonDocument.Parse(
                await http.GetStringAsync(new Uri(server.Admin, "/api/snapshots"), cancellationToken));
            if (client.Holds(statName, count, out _)
                && groups.RootElement[0].GetProperty("generations").GetInt32() >= generation)
                return;
            if (Stopwatch.GetElapsedTime(start) > Patience)
                throw new TimeoutException($"generation {generation} was not kept: {server.LogTail()}");
        }
    }

    private static void Apply(Damage damage, ServerProcess server)
    {
        if (damage == Damage.None)
            return;
        var newest = Directory.GetFiles(Path.Combine(server.State, "accepted"), "*.accepted")
            .Order(StringComparer.Ordinal).Last();
        var bytes = File.ReadAllBytes(newest);
        if (damage == Damage.Flipped)
            bytes[bytes.Length / 2] ^= 0x20;
        File.WriteAllBytes(newest, damage == Damage.Torn ? bytes[..(bytes.Length / 2)] : bytes);
    }

    /// <summary>Connects again and again until the server is there, as an Envoy with a short back-off does.</summary>
    private static async Task<(string StatName, TimeSpan Elapsed)> AnswerAsync(
        ServerProcess server, int index, long start, CancellationToken cancellationToken)
    {
        using var channel = new GrpcChannel(
            TimeProvider.System,
            string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{server.Port}"),
            new GrpcChannelOptions { MaxReceiveMessageBytes = 64 * 1024 * 1024 });
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var node = new Node { Id = string.Create(CultureInfo.InvariantCulture, $"returning-{index}") };
        while (Stopwatch.GetElapsedTime(start) < Patience)
        {
            try
            {
                using var stream = new SotwClusterStream(
                    channel.Duplex<DiscoveryRequest, DiscoveryResponse>(
                        SotwClusterStream.Method, DiscoveryResponse.Parser, options: null, cancellationToken),
                    node);
                await stream.SubscribeAsync(cancellationToken);
                if (await stream.NextAsync(cancellationToken) is { } push)
                {
                    var elapsed = Stopwatch.GetElapsedTime(start);
                    var clusters = push.Resources.Select(static any => Cluster.Parser.ParseFrom(any.Value));
                    return (clusters.First(static c => c.Name == "cluster-0000").AltStatName, elapsed);
                }
            }
            catch (GrpcException exception) when (exception.Status.Code == GrpcStatusCode.Unavailable)
            {
                // It does not listen yet.
            }

            await again.WaitForNextTickAsync(cancellationToken);
        }

        throw new TimeoutException($"client {index} was not answered within {Patience}: {server.LogTail()}");
    }
}
