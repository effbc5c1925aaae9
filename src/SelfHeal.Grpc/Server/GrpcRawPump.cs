using System.IO.Pipelines;
using SelfHeal.Grpc.Wire;

namespace SelfHeal.Grpc;

/// <summary>Moves the bytes of one raw call from the connection to its handler.</summary>
internal static class GrpcRawPump
{
    public static async Task RunAsync(GrpcCall call, IGrpcRawHandler handler)
    {
        var status = GrpcStatus.Ok;
        try
        {
            status = await PumpAsync(call, handler);
            if (!status.IsOk)
            {
                call.CountRejected(status);
                throw new GrpcException(status);
            }
            await call.WritePayloadAsync(new GrpcPayload(handler.Complete()), CancellationToken.None);
        }
        catch (Exception exception)
        {
            status = call.StatusOf(exception);
            throw;
        }
        finally
        {
            handler.OnEnd(status);
        }
    }

    // Hot path: allocation-free
    private static async ValueTask<GrpcStatus> PumpAsync(GrpcCall call, IGrpcRawHandler handler)
    {
        using var parser = new GrpcRawFrameParser(handler, call.Options.MaxReceiveMessageBytes, call.RequestEncoding);
        var pipe = call.RequestPipe;
        var counted = 0L;
        while (true)
        {
            ReadResult result;
            try
            {
                result = await pipe.ReadAsync(CancellationToken.None);
            }
            catch (IOException exception)
            {
                throw call.ClientGone(exception);
            }
            var buffer = result.Buffer;
            try
            {
                call.CancellationToken.ThrowIfCancellationRequested();
                var status = parser.Feed(buffer);
                if (parser.Messages != counted)
                {
                    call.CountReceived(parser.Messages - counted);
                    counted = parser.Messages;
                }
                if (!status.IsOk)
                    return status;
                if (result.IsCompleted)
                    return parser.End();
            }
            finally
            {
                Advance(call, buffer.End);
            }
        }
    }

    /// <summary>A client that resets its stream may be noticed here first, not by the next read.</summary>
    private static void Advance(GrpcCall call, SequencePosition consumed)
    {
        try
        {
            call.RequestPipe.AdvanceTo(consumed);
        }
        catch (IOException exception)
        {
            throw call.ClientGone(exception);
        }
    }
}
