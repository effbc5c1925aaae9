using System.Buffers;
using System.Buffers.Binary;

namespace SelfHeal.Grpc.Wire;

/// <summary>
/// The five bytes before every message: compressed flag and big-endian length (PROTOCOL-HTTP2.md,
/// "Length-Prefixed-Message").
/// </summary>
internal readonly record struct GrpcFrameHeader(byte Flag, uint Length)
{
    /// <summary>Bytes of a header.</summary>
    public const int Size = 5;

    public bool IsCompressed => Flag == 1;

    public static GrpcFrameHeader Read(ReadOnlySpan<byte> bytes) =>
        new(bytes[0], BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]));

    public static void Write(Span<byte> destination, bool compressed, int length)
    {
        destination[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(destination[1..], (uint)length);
    }

    /// <summary>Reads the header at the start of a buffer; false when fewer than five bytes have come.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> buffer, out GrpcFrameHeader header)
    {
        if (buffer.Length < Size)
        {
            header = default;
            return false;
        }
        if (buffer.FirstSpan.Length >= Size)
        {
            header = Read(buffer.FirstSpan);
            return true;
        }
        Span<byte> bytes = stackalloc byte[Size];
        buffer.Slice(0, Size).CopyTo(bytes);
        header = Read(bytes);
        return true;
    }

    /// <summary>Checks what a header announces before one byte of the message is kept.</summary>
    public GrpcStatus Check(int maxMessageBytes, GrpcEncoding encoding)
    {
        if (Flag > 1)
            return new(GrpcStatusCode.Internal, $"malformed frame: the compressed flag is {Flag}, expected 0 or 1");
        if (Flag == 1 && encoding == GrpcEncoding.Identity)
            return new(GrpcStatusCode.Internal, "malformed frame: compressed flag set, but no grpc-encoding was sent");
        return Length > (uint)maxMessageBytes ? GrpcWireErrors.TooLarge(Length, maxMessageBytes) : GrpcStatus.Ok;
    }
}
