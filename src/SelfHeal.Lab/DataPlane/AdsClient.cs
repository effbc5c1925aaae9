using Google.Protobuf;
using SelfHeal.Core.Time;
using SelfHeal.Grpc;

namespace SelfHeal.Lab.DataPlane;

/// <summary>
/// Pumps an <see cref="IAdsSession{TRequest, TResponse}"/>: opens its stream, and opens it again when it ends.
/// </summary>
internal sealed class AdsClient<TRequest, TResponse>(
    GrpcChannel channel,
    string method,
    MessageParser<TResponse> parser,
    IAdsSession<TRequest, TResponse> session,
    ModelFaults faults,
    IRandomSource random,
    TimeProvider time)
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    /// <summary>
    /// 100 ms, doubled by each stream without any response, at most 3.2 s: short enough for a demo, long enough not to
    /// hammer a server that is down. The upper half is drawn, so that many models do not return at the same moment.
    /// </summary>
    private const int BackoffBaseMillis = 100;

    private const int MaxDoublings = 5;

    /// <summary>Runs until it is cancelled; there is no limit of reconnects, as there is none in Envoy.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var doublings = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            var responses = await StreamAsync(cancellationToken);
            doublings = responses > 0 ? 0 : Math.Min(doublings + 1, MaxDoublings);
            var backoff = BackoffBaseMillis << doublings;
            var delay = TimeSpan.FromMilliseconds((backoff / 2) + random.NextInt32(backoff / 2));
            try
            {
                await Task.Delay(delay, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>One stream until its end; how many responses it brought.</summary>
    private async Task<int> StreamAsync(CancellationToken cancellationToken)
    {
        var responses = 0;
        try
        {
            using var call = channel.Duplex<TRequest, TResponse>(method, parser, options: null, cancellationToken);
            foreach (var request in session.Open())
                await call.RequestStream.WriteAsync(request, cancellationToken);
            while (await call.ResponseStream.MoveNextAsync(cancellationToken))
            {
                responses++;
                if (faults.Silent)
                    continue;
                var answers = session.OnResponse(call.ResponseStream.Current);
                if (faults.TakeDisconnect())
                    return responses;
                if (faults.AckDelay > TimeSpan.Zero)
                    await Task.Delay(faults.AckDelay, time, cancellationToken);
                foreach (var answer in answers)
                    await call.RequestStream.WriteAsync(answer, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is GrpcException or IOException or OperationCanceledException)
        {
            // The stream ended, or the model does: both are seen by the caller, who tries again or not.
        }

        return responses;
    }
}
