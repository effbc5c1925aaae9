using System.Buffers;

namespace SelfHeal.Grpc.Wire;

/// <summary>
/// Finds messages in bytes that come in any pieces and hands their parts on as they come, without keeping them.
/// Only a compressed message is kept until it is whole: it can be checked against the limit only when inflated.
/// </summary>
internal sealed class GrpcRawFrameParser(IGrpcRawHandler handler, int maxMessageBytes, GrpcEncoding encoding)
    : IDisposable
{
    private PooledSegments? _compressed;
    private ulong _header;
    private int _headerBytes;
    private uint _remaining;
    private bool _inMessage;

    /// <summary>Messages handed on whole so far.</summary>
    public long Messages { get; private set; }

    /// <summary>Takes all of a buffer; a status that is not OK ends the stream.</summary>
    // Hot path: allocation-free
    public GrpcStatus Feed(ReadOnlySequence<byte> buffer)
    {
        while (true)
        {
            if (!_inMessage)
            {
                if (!TakeHeader(ref buffer))
                    return GrpcStatus.Ok;
                var status = StartMessage(new GrpcFrameHeader((byte)(_header >> 32), (uint)_header));
                if (!status.IsOk)
                    return status;
            }
            if (buffer.IsEmpty && _remaining > 0)
                return GrpcStatus.Ok;
            var taken = (uint)Math.Min(buffer.Length, _remaining);
            var part = buffer.Slice(0, taken);
            buffer = buffer.Slice(part.End);
            _remaining -= taken;
            var partStatus = _compressed is null ? TakePart(part) : TakeCompressedPart(_compressed, part);
            if (!partStatus.IsOk)
                return partStatus;
        }
    }

    /// <summary>Says whether the stream may end here.</summary>
    public GrpcStatus End() => _inMessage || _headerBytes > 0 ? GrpcWireErrors.Truncated : GrpcStatus.Ok;

    public void Dispose()
    {
        _compressed?.Dispose();
        _compressed = null;
    }

    private bool TakeHeader(ref ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        while (_headerBytes < GrpcFrameHeader.Size && reader.TryRead(out var value))
        {
            _header = (_header << 8) | value;
            _headerBytes++;
        }
        buffer = reader.UnreadSequence;
        return _headerBytes == GrpcFrameHeader.Size;
    }

    private GrpcStatus StartMessage(GrpcFrameHeader header)
    {
        _header = 0;
        _headerBytes = 0;
        var status = header.Check(maxMessageBytes, encoding);
        if (!status.IsOk)
            return status;
        _inMessage = true;
        _remaining = header.Length;
        if (header.IsCompressed)
            _compressed = new PooledSegments();
        else
            handler.OnMessageStart((int)header.Length);
        return GrpcStatus.Ok;
    }

    private GrpcStatus TakePart(in ReadOnlySequence<byte> part)
    {
        var end = _remaining == 0;
        var failure = handler.OnPart(part, end);
        if (end)
            EndMessage();
        return failure ?? GrpcStatus.Ok;
    }

    private GrpcStatus TakeCompressedPart(PooledSegments compressed, in ReadOnlySequence<byte> part)
    {
        foreach (var memory in part)
            compressed.Write(memory.Span);
        if (_remaining > 0)
            return GrpcStatus.Ok;
        using var inflated = new PooledSegments();
        var status = GrpcGzip.Decompress(compressed.AsSequence(), maxMessageBytes, inflated);
        Dispose();
        EndMessage();
        if (!status.IsOk)
            return status;
        handler.OnMessageStart(inflated.Length);
        return handler.OnPart(inflated.AsSequence(), end: true) ?? GrpcStatus.Ok;
    }

    private void EndMessage()
    {
        _inMessage = false;
        Messages++;
    }
}
