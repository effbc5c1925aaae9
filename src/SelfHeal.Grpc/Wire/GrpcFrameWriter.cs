using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;

namespace SelfHeal.Grpc.Wire;

/// <summary>
/// Writes messages to a pipe in slices, waiting after each until HTTP/2 flow control has let it through, so that a
/// large message never lies in the pipe whole. When the call's token fires, its owner calls
/// <see cref="PipeWriter.CancelPendingFlush"/>.
/// </summary>
internal sealed class GrpcFrameWriter(
    PipeWriter pipe, int maxMessageBytes, GrpcEncoding encoding, GrpcSendWatch? watch, CancellationToken callToken)
{
    /// <summary>
    /// Bytes between two flushes, and what one stalled stream may hold. Each flush is a round through Kestrel's queues:
    /// with 32 KiB, a server that writes 240 kB to a thousand streams needs half as much processor time again as with
    /// 128 KiB, and with more nothing is gained.
    /// </summary>
    public const int SliceBytes = 128 * 1024;

    // Below this, gzip makes a message longer or saves less than a header.
    private const int CompressBytesMin = 128;

    private int _unflushed;
    private int _writing;

    /// <summary>Whether a message was given up half way: what follows on the stream would be misread.</summary>
    public bool IsBroken { get; private set; }

    public async ValueTask WriteAsync(IMessage message, CancellationToken cancellationToken)
    {
        var size = message.CalculateSize();
        CheckSize(size);
        if (size <= SliceBytes && !ShouldCompress(size))
        {
            Enter();
            try
            {
                WriteHeader(compressed: false, size);
                message.WriteTo(pipe);
                _unflushed += size;
                await FlushAsync(cancellationToken);
            }
            finally
            {
                Volatile.Write(ref _writing, 0);
            }
            return;
        }
        using var encoded = new PooledSegments();
        message.WriteTo(encoded);
        await WriteAsync(encoded.ToSegments(), encoded.Length, cancellationToken);
    }

    public ValueTask WriteAsync(GrpcPayload payload, CancellationToken cancellationToken)
    {
        CheckSize(payload.Length);
        return WriteAsync(payload.SegmentsMemory, payload.Length, cancellationToken);
    }

    /// <summary>Writes bytes that are no frame, for tests of malformed streams.</summary>
    public async ValueTask WriteUnframedAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Enter();
        try
        {
            pipe.Write(bytes.Span);
            await FlushAsync(cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }

    // Not asynchronous itself: every layer that waits costs a state machine for each response.
    private ValueTask WriteAsync(
        ReadOnlyMemory<ReadOnlyMemory<byte>> segments, int length, CancellationToken cancellationToken) =>
        ShouldCompress(length)
            ? WriteCompressedAsync(segments, cancellationToken)
            : WriteFrameAsync(segments, length, compressed: false, cancellationToken);

    private async ValueTask WriteCompressedAsync(
        ReadOnlyMemory<ReadOnlyMemory<byte>> segments, CancellationToken cancellationToken)
    {
        using var compressed = new PooledSegments();
        GrpcGzip.Compress(segments.Span, compressed);
        await WriteFrameAsync(compressed.ToSegments(), compressed.Length, compressed: true, cancellationToken);
    }

    private async ValueTask WriteFrameAsync(
        ReadOnlyMemory<ReadOnlyMemory<byte>> segments, int length, bool compressed, CancellationToken cancellationToken)
    {
        Enter();
        var left = length;
        try
        {
            WriteHeader(compressed, length);
            for (var i = 0; i < segments.Length; i++)
            {
                var segment = segments.Span[i];
                while (!segment.IsEmpty)
                {
                    var taken = Math.Min(segment.Length, SliceBytes - _unflushed);
                    pipe.Write(segment.Span[..taken]);
                    segment = segment[taken..];
                    left -= taken;
                    _unflushed += taken;
                    if (_unflushed >= SliceBytes && left > 0)
                        await FlushAsync(cancellationToken);
                }
            }
            await FlushAsync(cancellationToken);
        }
        finally
        {
            IsBroken |= left > 0;
            Volatile.Write(ref _writing, 0);
        }
    }

    private bool ShouldCompress(int size) => encoding == GrpcEncoding.Gzip && size >= CompressBytesMin;

    private void Enter()
    {
        if (Interlocked.Exchange(ref _writing, 1) != 0)
            throw new InvalidOperationException("a write to this stream is still under way");
        if (IsBroken)
        {
            Volatile.Write(ref _writing, 0);
            throw new InvalidOperationException("an earlier write was given up in the middle of its message");
        }
    }

    private void CheckSize(int size)
    {
        if (size > maxMessageBytes)
            throw new GrpcException(GrpcWireErrors.TooLargeToSend(size, maxMessageBytes));
    }

    private void WriteHeader(bool compressed, int length)
    {
        GrpcFrameHeader.Write(pipe.GetSpan(GrpcFrameHeader.Size), compressed, length);
        pipe.Advance(GrpcFrameHeader.Size);
        _unflushed += GrpcFrameHeader.Size;
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        _unflushed = 0;
        // The token is not handed to FlushAsync: Kestrel resets the whole stream when a flush is cancelled that way.
        using var registration = cancellationToken.UnsafeRegister(
            static state => ((PipeWriter)state!).CancelPendingFlush(), pipe);
        watch?.Start();
        try
        {
            while (true)
            {
                var result = await pipe.FlushAsync(CancellationToken.None);
                callToken.ThrowIfCancellationRequested();
                cancellationToken.ThrowIfCancellationRequested();
                if (result.IsCompleted)
                    throw new OperationCanceledException("the call has ended");
                // A cancellation that came too late for an earlier write is none of this one's.
                if (!result.IsCanceled)
                    return;
            }
        }
        finally
        {
            watch?.Stop();
        }
    }
}
