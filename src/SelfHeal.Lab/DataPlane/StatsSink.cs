using Envoy.Config.Core.V3;
using Envoy.Service.Metrics.V3;
using SelfHeal.Grpc;

namespace SelfHeal.Lab.DataPlane;

/// <summary>
/// Flushes the model's stats as Envoy does: one message per interval, absolute values, the identifier in the first
/// message of each stream. What cannot be sent is dropped; the next flush opens a new stream.
/// </summary>
internal sealed class StatsSink(
    GrpcChannel channel, Node node, ModelStats stats, TimeSpan interval, TimeProvider time) : IDisposable
{
    private const string Method = "envoy.service.metrics.v3.MetricsService/StreamMetrics";

    private GrpcClientStreamingCall<StreamMetricsMessage, StreamMetricsResponse>? _call;

    /// <summary>Completed once the server has ended the stream, which it may do at any time.</summary>
    private Task _ended = Task.CompletedTask;

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                await FlushAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The model ends.
        }
    }

    public void Dispose() => _call?.Dispose();

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_ended.IsCompleted)
            Close();
        var message = new StreamMetricsMessage { EnvoyMetrics = { stats.Snapshot() } };
        if (_call is null)
        {
            _call = channel.ClientStreaming<StreamMetricsMessage, StreamMetricsResponse>(
                Method, StreamMetricsResponse.Parser, options: null, cancellationToken);
            _ended = WatchAsync(_call);
            message.Identifier = new StreamMetricsMessage.Types.Identifier { Node = node };
        }

        // A server that does not read must not stop the flushes: the next one starts a new stream.
        using var patience = new CancellationTokenSource(interval, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await _call.RequestStream.WriteAsync(message, either.Token);
        }
        catch (Exception exception) when (exception is GrpcException or IOException)
        {
            Close();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Close();
        }
    }

    private static async Task WatchAsync(GrpcClientStreamingCall<StreamMetricsMessage, StreamMetricsResponse> call)
    {
        try
        {
            await call.ReadResponseAsync();
        }
        catch (Exception exception) when (exception is GrpcException or IOException or OperationCanceledException)
        {
            // How it ended makes no difference: the next flush opens a new stream.
        }
    }

    private void Close()
    {
        _call?.Dispose();
        _call = null;
    }
}
