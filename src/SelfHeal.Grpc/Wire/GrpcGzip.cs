using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace SelfHeal.Grpc.Wire;

/// <summary>gzip for single messages (compression.md).</summary>
internal static class GrpcGzip
{
    // RFC 1952: ten bytes of header, at least two of deflate, eight of trailer.
    private const int BytesMin = 20;
    private const int LengthFieldBytes = 4;

    /// <summary>
    /// Inflates a message. It stops as soon as the output passes the limit: a bomb costs at most one block more than
    /// an honest message of the largest size.
    /// </summary>
    public static GrpcStatus Decompress(
        in ReadOnlySequence<byte> compressed, int maxMessageBytes, PooledSegments destination)
    {
        if (compressed.Length < BytesMin)
            return GrpcWireErrors.BadGzip;
        try
        {
            using var source = new ByteSequenceStream(compressed);
            using var gzip = new GZipStream(source, CompressionMode.Decompress);
            while (true)
            {
                var read = gzip.Read(destination.GetSpan());
                if (read == 0)
                    return IsWhole(compressed, destination.Length) ? GrpcStatus.Ok : GrpcWireErrors.BadGzip;
                destination.Advance(read);
                if (destination.Length > maxMessageBytes)
                    return GrpcWireErrors.TooLargeDecompressed(maxMessageBytes);
            }
        }
        catch (InvalidDataException)
        {
            return GrpcWireErrors.BadGzip;
        }
    }

    public static void Compress(ReadOnlySpan<ReadOnlyMemory<byte>> segments, PooledSegments destination)
    {
        using var target = new BufferWriterStream(destination);
        using var gzip = new GZipStream(target, CompressionLevel.Fastest);
        foreach (var segment in segments)
            gzip.Write(segment.Span);
    }

    /// <summary>
    /// Whether the length in the trailer is the length that came out: the decoder lets some cut-off inputs pass.
    /// </summary>
    private static bool IsWhole(in ReadOnlySequence<byte> compressed, int inflatedBytes)
    {
        Span<byte> field = stackalloc byte[LengthFieldBytes];
        compressed.Slice(compressed.Length - LengthFieldBytes).CopyTo(field);
        return BinaryPrimitives.ReadUInt32LittleEndian(field) == (uint)inflatedBytes;
    }
}
