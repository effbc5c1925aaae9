using Google.Protobuf;

namespace SelfHeal.Grpc;

/// <summary>
/// One encoded message made of segments that are shared and never change: the same payload may be on its way to many
/// streams at once, and no stream copies it whole.
/// </summary>
public sealed class GrpcPayload
{
    private readonly ReadOnlyMemory<byte>[] _segments;

    /// <summary>Makes a payload of segments.</summary>
    /// <param name="segments">The message's bytes in order; neither they nor their contents may change later.</param>
    /// <exception cref="ArgumentException">Together they are longer than 2 GiB - 1.</exception>
    public GrpcPayload(params ReadOnlySpan<ReadOnlyMemory<byte>> segments)
    {
        _segments = segments.ToArray();
        long length = 0;
        foreach (var segment in _segments)
            length += segment.Length;
        if (length > int.MaxValue)
            throw new ArgumentException($"the payload has {length} bytes, the limit is {int.MaxValue}");
        Length = (int)length;
    }

    /// <summary>Bytes in all segments together.</summary>
    public int Length { get; }

    internal ReadOnlyMemory<ReadOnlyMemory<byte>> SegmentsMemory => _segments;

    /// <summary>The segments in order.</summary>
    public ReadOnlySpan<ReadOnlyMemory<byte>> Segments => _segments;

    /// <summary>Encodes a message once, to be sent to many streams.</summary>
    public static GrpcPayload FromMessage(IMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return new GrpcPayload(message.ToByteArray());
    }
}
