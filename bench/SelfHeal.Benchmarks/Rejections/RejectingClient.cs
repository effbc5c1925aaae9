using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using SelfHeal.Grpc;

namespace SelfHeal.Benchmarks.Rejections;

/// <summary>
/// One ADS stream of a client that subscribes to all clusters and rejects every response with a cluster whose
/// <c>alt_stat_name</c> is <see cref="Bad"/>. It keeps count of what it was sent.
/// </summary>
internal sealed class RejectingClient : IAsyncDisposable
{
    public const string Bad = "bad";

    public const string Service = "/envoy.service.discovery.v3.AggregatedDiscoveryService/";

    private readonly bool _namesCulprit;
    private readonly GrpcChannel _channel;
    private readonly IClusterStream _stream;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly HashSet<string> _rejected = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _held = new(StringComparer.Ordinal);
    private readonly List<TimeSpan> _fallbacks = [];
    private long? _rejectedAt;
    private int _pushes;
    private Task _reading = Task.CompletedTask;

    private RejectingClient(bool namesCulprit, GrpcChannel channel, IClusterStream stream)
    {
        _namesCulprit = namesCulprit;
        _channel = channel;
        _stream = stream;
    }

    /// <summary>From writing a NACK to having read accepted content in its place, once for each first NACK.</summary>
    public IReadOnlyList<TimeSpan> Fallbacks
    {
        get
        {
            lock (_lock)
                return [.. _fallbacks];
        }
    }

    /// <summary>Responses with the very names and contents of one that was rejected before.</summary>
    public int IdenticalResends { get; private set; }

    /// <summary>Responses read.</summary>
    public int Responses { get; private set; }

    /// <summary>Connects and subscribes.</summary>
    /// <param name="port">Of ADS.</param>
    /// <param name="delta">Which variant of the protocol it speaks.</param>
    /// <param name="namesCulprit">Whether its NACKs name the cluster, as Envoy's do.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<RejectingClient> ConnectAsync(
        int port, bool delta, bool namesCulprit, CancellationToken cancellationToken)
    {
        var channel = new GrpcChannel(
            TimeProvider.System,
            string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"),
            new GrpcChannelOptions { MaxReceiveMessageBytes = 64 * 1024 * 1024 });
        var node = new Node { Id = $"rejecting-{(delta ? "delta" : "sotw")}-{(namesCulprit ? "names" : "silent")}" };
        IClusterStream stream = delta
            ? new DeltaClusterStream(
                channel.Duplex<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(
                    Service + "DeltaAggregatedResources",
                    DeltaDiscoveryResponse.Parser,
                    options: null,
                    CancellationToken.None), // Ended by Dispose.
                node)
            : new SotwClusterStream(
                channel.Duplex<DiscoveryRequest, DiscoveryResponse>(
                    SotwClusterStream.Method,
                    DiscoveryResponse.Parser,
                    options: null,
                    CancellationToken.None),
                node);
        var client = new RejectingClient(namesCulprit, channel, stream);
        await stream.SubscribeAsync(cancellationToken);
        client._reading = client.ReadAsync();
        return client;
    }

    /// <summary>Whether every cluster but those named is held with this stat name, and since how many pushes after the
    /// last NACK that began a round.</summary>
    /// <param name="statName">What good clusters carry.</param>
    /// <param name="count">How many must.</param>
    /// <param name="pushes">Responses since the round's first NACK until now.</param>
    public bool Holds(string statName, int count, out int pushes)
    {
        lock (_lock)
        {
            pushes = _pushes;
            return _held.Values.Count(held => held == statName) == count;
        }
    }

    /// <summary>A new round: the next NACK is the first again.</summary>
    public void Begin()
    {
        lock (_lock)
            _pushes = -1;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stream.Dispose();
        try
        {
            await _reading;
        }
        catch (Exception error) when (error is OperationCanceledException or GrpcException)
        {
            // Cancelled above.
        }

        _channel.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _stream.NextAsync(_stop.Token) is { } push)
        {
            var clusters = push.Resources
                .Select(static any => (any.Value, Cluster.Parser.ParseFrom(any.Value)))
                .ToList();
            var culprit = clusters.Find(static pair => pair.Item2.AltStatName == Bad).Item2;
            var answered = Take(push, clusters, culprit is not null);
            if (culprit is null)
            {
                await _stream.AnswerAsync(push.Nonce, error: null, _stop.Token);
                continue;
            }

            var words = _namesCulprit ? $"Error adding/updating cluster(s) {culprit.Name}: not today" : "not today";
            if (answered)
            {
                lock (_lock)
                    _rejectedAt = Stopwatch.GetTimestamp();
            }

            await _stream.AnswerAsync(push.Nonce, words, _stop.Token);
        }
    }

    /// <returns>Whether this is the first NACK of its round.</returns>
    private bool Take(ClusterPush push, List<(ByteString Bytes, Cluster Cluster)> clusters, bool isBad)
    {
        var key = string.Join(';', clusters
            .Select(static pair => $"{pair.Cluster.Name}={Convert.ToHexString(SHA256.HashData(pair.Bytes.Span))}")
            .Concat(push.Removed.Select(static name => $"-{name}"))
            .Order(StringComparer.Ordinal));
        lock (_lock)
        {
            Responses++;
            if (_rejected.Contains(key))
                IdenticalResends++;
            if (isBad)
            {
                _rejected.Add(key);
                var isFirst = _pushes < 0;
                _pushes = isFirst ? 0 : _pushes + 1;
                return isFirst;
            }

            if (_rejectedAt is { } since)
                _fallbacks.Add(Stopwatch.GetElapsedTime(since));
            _rejectedAt = null;
            if (_pushes >= 0)
                _pushes++;
            if (push.IsWhole)
                _held.Clear();
            foreach (var name in push.Removed)
                _held.Remove(name);
            foreach (var (_, cluster) in clusters)
                _held[cluster.Name] = cluster.AltStatName;
            return false;
        }
    }
}
