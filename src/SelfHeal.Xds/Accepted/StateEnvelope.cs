using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SelfHeal.Xds.Accepted;

/// <summary>
/// The outer form of every file of kept configuration: a mark, the format's version, what it holds, its generation and
/// its length, and behind it all SHA-256 over everything before. A file that was cut, flipped, or written by another
/// version says so.
/// </summary>
internal static class StateEnvelope
{
    /// <summary>Files of any other version are not read.</summary>
    public const ushort Version = 1;

    private const int HeadBytes = 8 + 2 + 2 + 8 + 8;

    private static ReadOnlySpan<byte> Mark => "SelfHeal"u8;

    /// <summary>Puts a payload into a file.</summary>
    public static byte[] Seal(StateKind kind, ulong generation, ReadOnlySpan<byte> payload)
    {
        var file = new byte[HeadBytes + payload.Length + SHA256.HashSizeInBytes];
        Mark.CopyTo(file);
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(10), (ushort)kind);
        BinaryPrimitives.WriteUInt64BigEndian(file.AsSpan(12), generation);
        BinaryPrimitives.WriteUInt64BigEndian(file.AsSpan(20), (ulong)payload.Length);
        payload.CopyTo(file.AsSpan(HeadBytes));
        SHA256.HashData(file.AsSpan(0, HeadBytes + payload.Length), file.AsSpan(HeadBytes + payload.Length));
        return file;
    }

    /// <summary>Takes the payload out of a file.</summary>
    public static StateReading<ReadOnlyMemory<byte>> Open(StateKind kind, ReadOnlyMemory<byte> file)
    {
        var bytes = file.Span;
        if (bytes.Length < HeadBytes + SHA256.HashSizeInBytes)
            return Broken($"it has {bytes.Length} bytes, fewer than any whole file");
        if (!bytes.StartsWith(Mark))
            return Broken("it does not begin as a file of SelfHeal");
        var version = BinaryPrimitives.ReadUInt16BigEndian(bytes[8..]);
        if (version != Version)
            return Broken($"its format is version {version}, expected {Version}");
        var length = BinaryPrimitives.ReadUInt64BigEndian(bytes[20..]);
        var payload = bytes.Length - HeadBytes - SHA256.HashSizeInBytes;
        if (length != (ulong)payload)
            return Broken($"it holds {payload} bytes of content, expected {length}");
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..^SHA256.HashSizeInBytes], hash);
        if (!hash.SequenceEqual(bytes[^SHA256.HashSizeInBytes..]))
            return Broken("its checksum does not fit its content");
        var found = BinaryPrimitives.ReadUInt16BigEndian(bytes[10..]);
        return found == (ushort)kind
            ? new StateReading<ReadOnlyMemory<byte>>.Read(
                BinaryPrimitives.ReadUInt64BigEndian(bytes[12..]), file.Slice(HeadBytes, payload))
            : Broken($"it is of kind {found}, expected {(ushort)kind}");
    }

    private static StateReading<ReadOnlyMemory<byte>>.Broken Broken(string problem) => new(problem);
}
