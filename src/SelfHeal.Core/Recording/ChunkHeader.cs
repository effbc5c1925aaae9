using System.Buffers.Binary;
using SelfHeal.Core.Time;

namespace SelfHeal.Core.Recording;

/// <summary>The first bytes of a chunk: enough to skip it, to seek by it, and to find the next after damage.</summary>
public readonly record struct ChunkHeader
{
    /// <summary>Bytes of a header.</summary>
    public const int Length = 60;

    private const uint MagicNumber = 0x4B434853; // "SHCK"
    private const int ChecksumOffset = 56;
    private const ushort KeyFlag = 1;
    private const ushort GapFlag = 2;
    private const byte BrotliMethod = 1;

    /// <summary>What every header begins with, for the search after damage.</summary>
    public static ReadOnlySpan<byte> Magic => "SHCK"u8;

    /// <summary>What the chunk holds.</summary>
    public ChunkKind Kind { get; init; }

    /// <summary>Whether the payload is compressed with Brotli.</summary>
    public bool IsCompressed { get; init; }

    /// <summary>Whether these steps can be read without the steps before.</summary>
    public bool IsKey { get; init; }

    /// <summary>Whether steps before this chunk were not recorded, because the disk was slow.</summary>
    public bool FollowsGap { get; init; }

    /// <summary>Bytes of the payload as stored.</summary>
    public int StoredLength { get; init; }

    /// <summary>Bytes of the payload when it is not compressed.</summary>
    public int RawLength { get; init; }

    /// <summary>How many chunks of steps the recording has before this one, over all its files.</summary>
    public long Sequence { get; init; }

    /// <summary>The time of the first step.</summary>
    public ControlTime First { get; init; }

    /// <summary>The monotonic time of the last step.</summary>
    public long LastNanos { get; init; }

    /// <summary>How many steps the gap before this chunk has.</summary>
    public uint DroppedSteps { get; init; }

    /// <summary>CRC-32C of the payload as stored.</summary>
    public uint PayloadChecksum { get; init; }

    /// <summary>Writes the header.</summary>
    /// <param name="destination"><see cref="Length"/> bytes.</param>
    public void Write(Span<byte> destination)
    {
        destination[..Length].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(destination, MagicNumber);
        destination[4] = (byte)Kind;
        destination[5] = IsCompressed ? BrotliMethod : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(
            destination[6..], (ushort)((IsKey ? KeyFlag : 0) | (FollowsGap ? GapFlag : 0)));
        BinaryPrimitives.WriteInt32LittleEndian(destination[8..], StoredLength);
        BinaryPrimitives.WriteInt32LittleEndian(destination[12..], RawLength);
        BinaryPrimitives.WriteInt64LittleEndian(destination[16..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], First.MonotonicNanos);
        BinaryPrimitives.WriteInt64LittleEndian(destination[32..], LastNanos);
        BinaryPrimitives.WriteInt64LittleEndian(destination[40..], First.Wall.UtcTicks);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[48..], DroppedSteps);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[52..], PayloadChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(
            destination[ChecksumOffset..], RecordingFormat.Checksum(destination[..ChecksumOffset]));
    }

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">At least <see cref="Length"/> bytes.</param>
    /// <param name="header">The header.</param>
    /// <returns>What was expected instead; null where nothing is wrong.</returns>
    public static string? TryRead(ReadOnlySpan<byte> bytes, out ChunkHeader header)
    {
        header = default;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) != MagicNumber)
            return "a chunk, which begins with SHCK";
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumOffset..])
            != RecordingFormat.Checksum(bytes[..ChecksumOffset]))
            return "a chunk header with a right checksum";
        var stored = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        var raw = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        if (stored is < 0 or > RecordingFormat.ChunkLengthMax || raw is < 0 or > RecordingFormat.ChunkLengthMax)
            return $"a chunk of at most {RecordingFormat.ChunkLengthMax} bytes";
        var wall = BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]);
        if (wall < DateTimeOffset.MinValue.Ticks || wall > DateTimeOffset.MaxValue.Ticks)
            return "a time between the years 1 and 9999";
        if (bytes[5] > BrotliMethod)
            return "a compression that this version knows";
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
        header = new ChunkHeader
        {
            Kind = (ChunkKind)bytes[4],
            IsCompressed = bytes[5] == BrotliMethod,
            IsKey = (flags & KeyFlag) != 0,
            FollowsGap = (flags & GapFlag) != 0,
            StoredLength = stored,
            RawLength = raw,
            Sequence = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            First = new ControlTime(
                BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]), new DateTimeOffset(wall, TimeSpan.Zero)),
            LastNanos = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            DroppedSteps = BinaryPrimitives.ReadUInt32LittleEndian(bytes[48..]),
            PayloadChecksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[52..]),
        };
        return null;
    }
}
