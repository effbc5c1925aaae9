using System.Threading.Channels;
using Envoy.Service.LoadStats.V3;
using SelfHeal.Core.Loads;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Loads;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Traffic;

/// <summary>
/// Pumps one stream of load reports: requests and the configuration's clusters into the session, responses out of it.
/// The session decides; this only waits.
/// </summary>
/// <param name="board">Where the newest snapshot is.</param>
/// <param name="session">The protocol's state.</param>
/// <param name="requests">The client's requests.</param>
/// <param name="responses">Where responses go.</param>
/// <param name="onRequest">Told after every request that the session took, with its report if it had one.</param>
internal sealed class LoadPump(
    ServedBoard board,
    LoadStatsSession session,
    GrpcRequestReader<LoadStatsRequest> requests,
    GrpcResponseWriter<LoadStatsResponse> responses,
    Action<LoadReport?> onRequest)
{
    // One is enough: a wake that finds another waiting says nothing new.
    private readonly Channel<byte> _wake = Channel.CreateBounded<byte>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Runs until the client ends the stream, the session refuses it, or the server stops.</summary>
    /// <param name="cancellationToken">The call's own.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = requests.MoveNextAsync(stop.Token).AsTask();
        var waking = _wake.Reader.ReadAsync(stop.Token).AsTask();
        ValidatedSnapshot? seen = null;
        board.Watch(Wake);
        try
        {
            while (true)
            {
                if (board.All is { } snapshot && !ReferenceEquals(snapshot, seen))
                {
                    seen = snapshot;
                    session.OnClusters([.. snapshot.Get(TypeUrl.Cluster).Resources.Select(static c => c.Name)]);
                }

                if (session.End is { } end)
                    throw new GrpcException(new GrpcStatus((GrpcStatusCode)(int)end.Status, end.Message));
                if (session.TryTakeResponse(out var response))
                    await responses.WriteAsync(response, stop.Token);
                if (await Task.WhenAny(reading, waking) == waking)
                {
                    await waking;
                    waking = _wake.Reader.ReadAsync(stop.Token).AsTask();
                    continue;
                }

                if (!await reading)
                    return;
                var report = session.OnRequest(requests.Current);
                if (session.End is null)
                    onRequest(report);
                reading = requests.MoveNextAsync(stop.Token).AsTask();
            }
        }
        finally
        {
            board.Unwatch(Wake);
            await stop.CancelAsync();
            await Task.WhenAny(reading); // Its failure has been told above, or is the cancellation.
        }
    }

    private void Wake() => _wake.Writer.TryWrite(0);
}
