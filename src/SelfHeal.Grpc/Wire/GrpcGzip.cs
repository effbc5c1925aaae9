using System.Buffers;
using System.IO.Compression;

namespace SelfHeal.Grpc.Wire;

/// <summary>gzip for single messages (compression.md).</summary>
internal static class GrpcGzip
{
    /// <summary>
    /// Inflates a message. It stops as soon as the output passes the limit: a bomb costs at most one block more than
    /// an honest message of the largest size.
    /// </summary>
    public static GrpcStatus Decompress(
        in ReadOnlySequence<byte> compressed, int maxMessageBytes, PooledSegments destination)
    {
        try
        {
            using var source = new ByteSequenceStream(compressed);
            using var gzip = new GZipStream(source, CompressionMode.Decompress);
            while (true)
            {
                var read = gzip.Read(destination.GetSpan());
                if (read == 0)
                    // No member at all inflates to nothing without complaint; it is still not gzip.
                    return compressed.IsEmpty ? GrpcWireErrors.BadGzip : GrpcStatus.Ok;
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
}
