using System.Globalization;
using System.Text.Json;
using Envoy.Config.Core.V3;
using Envoy.Service.Metrics.V3;
using Google.Protobuf;
using SelfHeal.Benchmarks.Streams;
using SelfHeal.Core.Time;

namespace SelfHeal.Benchmarks.Feeding;

/// <summary>
/// <c>feed ...</c>: a process that is many Envoys. They have one configuration, so all send the same names; each has a
/// phase of its own. The bytes of a flush are made once and its values are changed in place.
/// </summary>
internal sealed class Feeder
{
    private readonly FeedOptions _options;
    private readonly TimeProvider _time = TimeProvider.System;

    /// <summary>Streams in one round of the interval send one buffer while the next is prepared in the other.</summary>
    private readonly WireFlush[] _flushes;

    private readonly long _start;
    private long _late;
    private long _preparedRound = -1;

    private Feeder(FeedOptions options)
    {
        _options = options;
        _flushes = [CreateFlush(), CreateFlush()];
        _start = _time.GetTimestamp();
    }

    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var options = FeedOptions.Parse(arguments);
        var result = await new Feeder(options).RunAsync(cancellationToken);
        await File.WriteAllTextAsync(options.ResultFile, JsonSerializer.Serialize(result), cancellationToken);
        return 0;
    }

    private async Task<FeedResult> RunAsync(CancellationToken cancellationToken)
    {
        var connections = new StatsConnection[_options.Streams];
        try
        {
            for (var i = 0; i < connections.Length; i++)
                connections[i] = await StatsConnection.ConnectAsync(_options.Port, cancellationToken);
            var random = new SeededRandomSource(7);
            using var end = new CancellationTokenSource(_options.Length, _time);
            var sending = connections.Select((connection, i) => _options.Interval == TimeSpan.Zero
                ? SendAlwaysAsync(connection, Identifier(i), end.Token)
                : SendOnScheduleAsync(connection, Identifier(i), Phase(random), end.Token)).ToList();
            await Task.Delay(_options.WarmUp, _time, cancellationToken);
            var from = _time.GetTimestamp();
            var credited = connections.Sum(static c => c.Credited);
            var measured = _options.Length - _options.WarmUp - TimeSpan.FromMilliseconds(100);
            await Task.Delay(measured, _time, cancellationToken);
            credited = connections.Sum(static c => c.Credited) - credited;
            var seconds = _time.GetElapsedTime(from).TotalSeconds;
            foreach (var one in sending)
                await one;
            return new FeedResult(
                connections.Sum(static c => c.Flushes),
                _late,
                _flushes[0].Families,
                _flushes[0].MessageLength + WireFlush.GrpcHeaderLength,
                seconds,
                credited);
        }
        finally
        {
            foreach (var connection in connections)
            {
                if (connection is not null)
                    await connection.DisposeAsync();
            }
        }
    }

    private static byte[] Identifier(int stream) => new StreamMetricsMessage
    {
        Identifier = new StreamMetricsMessage.Types.Identifier
        {
            Node = new Node
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"gateway-{stream:D4}"),
                Cluster = "gateway",
            },
        },
    }.ToByteArray();

    private WireFlush CreateFlush() => WireFlush.Create(
        StatsMessages.Flush(_options.Clusters, _options.Busy, 1),
        StatsMessages.Flush(_options.Clusters, _options.Busy, 2));

    private TimeSpan Phase(SeededRandomSource random) =>
        _options.Interval * (random.NextInt32(10_000) / 10_000.0);

    private async Task SendAlwaysAsync(StatsConnection connection, byte[] identifier, CancellationToken end)
    {
        var flush = CreateFlush();
        var millis = _time.GetUtcNow().ToUnixTimeMilliseconds();
        while (!end.IsCancellationRequested)
        {
            // A flush is a new one only by its timestamp; a thousand a second would run ahead of the clock.
            flush.Advance(millis++);
            await connection.SendAsync(flush, identifier, CancellationToken.None);
        }
    }

    private async Task SendOnScheduleAsync(
        StatsConnection connection, byte[] identifier, TimeSpan phase, CancellationToken end)
    {
        // The phase shifts the whole schedule; every flush of a round has the same values.
        for (var round = 0L; !end.IsCancellationRequested; round++)
        {
            var due = (_options.Interval * round) + phase;
            var wait = due - _time.GetElapsedTime(_start);
            if (wait > TimeSpan.Zero)
            {
                try
                {
                    await Task.Delay(wait, _time, end);
                }
                catch (OperationCanceledException)
                {
                    return; // The time is up between two flushes.
                }
            }

            await connection.SendAsync(Prepare(round), identifier, CancellationToken.None);
            if (_time.GetElapsedTime(_start) > due + _options.Interval)
                Interlocked.Increment(ref _late);
        }
    }

    /// <summary>The buffer of a round, advanced once by the stream that comes to it first.</summary>
    private WireFlush Prepare(long round)
    {
        lock (_flushes)
        {
            var flush = _flushes[round % 2];
            if (round <= _preparedRound)
                return flush;
            _preparedRound = round;

            // Each buffer is used in every other round, so it advances by two flushes; the first one by one.
            var millis = _time.GetUtcNow().ToUnixTimeMilliseconds();
            flush.Advance(millis);
            if (round > 0)
                flush.Advance(millis);
            return flush;
        }
    }
}
