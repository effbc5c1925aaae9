using System.Buffers.Binary;
using System.Numerics;

namespace SelfHeal.Core.Recording;

/// <summary>
/// The outer form of a recording: a file header, chunks that each carry their own checksums, and at an orderly end an
/// index with a trailer that points to it. Every number is little endian. The reader believes no length before it has
/// checked it against the limits here.
/// </summary>
public static class RecordingFormat
{
    /// <summary>The version that is written, and the only one that is read.</summary>
    public const ushort Version = 1;

    /// <summary>Bytes before the first chunk.</summary>
    public const int FileHeaderLength = 16;

    /// <summary>Bytes behind the index.</summary>
    public const int TrailerLength = 16;

    /// <summary>
    /// Bytes of one chunk, compressed or not. A chunk is closed at 1 MiB, so only one flush alone can make it longer;
    /// 64 MiB are six times the largest flush that a stream may bring.
    /// </summary>
    public const int ChunkLengthMax = 64 * 1024 * 1024;

    /// <summary>Bytes of one text; Envoy's names are below a kilobyte, and a NACK's words are cut before.</summary>
    public const int TextLengthMax = 1024 * 1024;

    /// <summary>Samples of one batch, ten times what a fold takes of a flush; a batch with more is not recorded, and
    /// the recording says so.</summary>
    public const int SamplesMax = 4 * 1024 * 1024;

    /// <summary>Steps in one run of steps without events; a longer pause is several runs.</summary>
    public const int RunMax = 1_000_000;

    /// <summary>Series kept while reading, over all streams; a recording with more is refused where it passes
    /// this.</summary>
    public const int SeriesMax = 4_000_000;

    /// <summary>Samples of one step, and with them what a step costs a reader; batches beyond it are not recorded, and
    /// the recording says so. Twelve flushes of a stream with every series that it may have.</summary>
    public const int StepSamplesMax = 4 * SamplesMax;

    /// <summary>Batches of one step: sixteen times what the inbox holds. Batches beyond it are not recorded, and the
    /// recording says so.</summary>
    public const int StepBatchesMax = 4_096;

    /// <summary>Events of one step: what a reader keeps at once.</summary>
    public const int StepEventsMax = 1_000_000;

    /// <summary>Open streams, and routes: more than a configuration can allow.</summary>
    public const int StreamsMax = 100_000;

    /// <summary>Bytes of ledger entries kept while reading; a recording with more is refused where it passes
    /// this.</summary>
    public const long LedgerBytesMax = 256L * 1024 * 1024;

    /// <summary>Characters of different series names kept while reading; a recording with more is refused where it
    /// passes this.</summary>
    public const long NameCharactersMax = 256L * 1024 * 1024;

    private const uint TrailerMagic = 0x58494853; // "SHIX"

    private static ReadOnlySpan<byte> Magic => "SHRECORD"u8;

    /// <summary>CRC-32C (Castagnoli), which processors compute by themselves.</summary>
    /// <param name="bytes">Any bytes.</param>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var checksum = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            checksum = BitOperations.Crc32C(checksum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var rest in bytes)
            checksum = BitOperations.Crc32C(checksum, rest);
        return ~checksum;
    }

    /// <summary>Writes the header of a file.</summary>
    /// <param name="destination"><see cref="FileHeaderLength"/> bytes.</param>
    public static void WriteFileHeader(Span<byte> destination)
    {
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[10..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Checksum(destination[..12]));
    }

    /// <summary>Checks the header of a file.</summary>
    /// <param name="header">The first bytes of the file, at most <see cref="FileHeaderLength"/>.</param>
    /// <param name="isReadable">Whether it is worth a look for chunks behind a header that is wrong.</param>
    /// <returns>What was expected instead; null where nothing is wrong.</returns>
    public static string? CheckFileHeader(ReadOnlySpan<byte> header, out bool isReadable)
    {
        isReadable = header.Length >= FileHeaderLength;
        if (header.Length < FileHeaderLength)
            return $"a recording, which has at least {FileHeaderLength} bytes; this file has {header.Length}";
        if (!header.StartsWith(Magic))
            return "a recording, which begins with SHRECORD";
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) != Checksum(header[..12]))
            return "a file header with a right checksum";
        var version = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        isReadable = version == Version;
        return isReadable ? null : $"a recording of version {Version}; this one has version {version}";
    }

    /// <summary>Writes the last bytes of a file that was ended in order.</summary>
    /// <param name="destination"><see cref="TrailerLength"/> bytes.</param>
    /// <param name="indexOffset">Where the index chunk begins.</param>
    public static void WriteTrailer(Span<byte> destination, long indexOffset)
    {
        BinaryPrimitives.WriteInt64LittleEndian(destination, indexOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], TrailerMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Checksum(destination[..12]));
    }

    /// <summary>Reads the last bytes of a file.</summary>
    /// <param name="trailer"><see cref="TrailerLength"/> bytes.</param>
    /// <param name="indexOffset">Where the index chunk begins.</param>
    /// <returns>False where they are no trailer: the file was not ended in order.</returns>
    public static bool TryReadTrailer(ReadOnlySpan<byte> trailer, out long indexOffset)
    {
        indexOffset = 0;
        if (trailer.Length != TrailerLength
            || BinaryPrimitives.ReadUInt32LittleEndian(trailer[8..]) != TrailerMagic
            || BinaryPrimitives.ReadUInt32LittleEndian(trailer[12..]) != Checksum(trailer[..12]))
            return false;
        indexOffset = BinaryPrimitives.ReadInt64LittleEndian(trailer);
        return indexOffset >= FileHeaderLength;
    }
}
