using System.IO.Compression;
using SelfHeal.Core.Recording;
using SelfHeal.Core.Records;
using SelfHeal.Core.Time;

namespace SelfHeal.Sidecar.Recording;

/// <summary>
/// One file of a recording as it is written: header, chunks, and at the end index and trailer. Every chunk goes to the
/// operating system as soon as it is complete, so the end of the process costs at most the chunk that was being filled.
/// </summary>
internal sealed class RecordingFile : IDisposable
{
    // Names and entries are cut into chunks of about this size, far below the limit of one.
    private const int PartLength = 4 * 1024 * 1024;

    // Below this a chunk is not worth a call of the compressor.
    private const int CompressFrom = 128;

    // The fastest: the steps are differences already, and the writer shares two cores with what it records.
    private const int Quality = 1;
    private const int WindowBits = 20;

    private readonly FileStream _stream;
    private readonly RecordingBuffer _buffer = new();
    private readonly List<IndexEntry> _index = [];
    private byte[] _stored = new byte[64 * 1024];

    private RecordingFile(FileStream stream) => _stream = stream;

    /// <summary>Bytes written so far.</summary>
    public long Length { get; private set; }

    /// <summary>Makes a new file that only its owner can read.</summary>
    /// <param name="path">Where; nothing must be there.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static RecordingFile Create(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var stream = new FileStream(path, options);
        var file = new RecordingFile(stream);
        Span<byte> header = stackalloc byte[RecordingFormat.FileHeaderLength];
        RecordingFormat.WriteFileHeader(header);
        file.Append(header);
        return file;
    }

    /// <summary>Writes what the control loop was told once.</summary>
    /// <param name="start">The facts.</param>
    /// <param name="first">The time of the first step of the file.</param>
    /// <param name="ledger">The entries before it.</param>
    public void WriteStart(RecordingStart start, ControlTime first, IReadOnlyList<LedgerRecord> ledger)
    {
        ArgumentNullException.ThrowIfNull(start);
        var header = new ChunkHeader { Kind = ChunkKind.Start, First = first, LastNanos = first.MonotonicNanos };
        Write(header, start.Write());
        WriteLedger(ledger, header);
    }

    /// <summary>Writes a chunk of steps, and before it the names and entries that came with it.</summary>
    /// <param name="chunk">Complete.</param>
    public void Write(RecordedChunk chunk)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        var header = new ChunkHeader
        {
            Kind = ChunkKind.Steps,
            IsKey = chunk.IsKey,
            FollowsGap = chunk.DroppedSteps > 0,
            DroppedSteps = chunk.DroppedSteps,
            Sequence = chunk.Sequence,
            First = chunk.First,
            LastNanos = chunk.LastNanos,
        };
        WriteCatalogs(chunk.Growth, header);
        Write(header, chunk.Buffer.Written);

        // Behind the steps that made them durable: a seek to these steps begins with the ledger before them.
        WriteLedger(chunk.Appended, header);
    }

    /// <summary>Ends the file in order, and waits until it is on the disk.</summary>
    public void Complete()
    {
        var offset = Length;
        RecordingIndex.Write(_buffer, _index);
        Write(new ChunkHeader { Kind = ChunkKind.Index }, _buffer.Written);
        Span<byte> trailer = stackalloc byte[RecordingFormat.TrailerLength];
        RecordingFormat.WriteTrailer(trailer, offset);
        Append(trailer);
        _stream.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void WriteCatalogs(List<CatalogGrowth> growth, in ChunkHeader steps)
    {
        _buffer.Clear();
        foreach (var part in growth)
        {
            for (var next = part.From; next < part.To;)
            {
                next = CatalogCodec.Write(_buffer, part, next, PartLength);
                if (_buffer.Length >= PartLength)
                    WriteBuffer(ChunkKind.Catalog, steps);
            }
        }

        WriteBuffer(ChunkKind.Catalog, steps);
    }

    private void WriteLedger(IReadOnlyList<LedgerRecord> records, in ChunkHeader steps)
    {
        _buffer.Clear();
        foreach (var record in records)
        {
            _buffer.ZigZag(record.Sequence);
            _buffer.Bytes(RecordJson.Write(record));
            if (_buffer.Length >= PartLength)
                WriteBuffer(ChunkKind.Ledger, steps);
        }

        WriteBuffer(ChunkKind.Ledger, steps);
    }

    private void WriteBuffer(ChunkKind kind, in ChunkHeader steps)
    {
        if (_buffer.Length == 0)
            return;
        Write(
            new ChunkHeader
            {
                Kind = kind,
                Sequence = steps.Sequence,
                First = steps.First,
                LastNanos = steps.First.MonotonicNanos,
            },
            _buffer.Written);
        _buffer.Clear();
    }

    private void Write(ChunkHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Kind is ChunkKind.Start or ChunkKind.Catalog or ChunkKind.Ledger || header.IsKey)
            _index.Add(new IndexEntry(Length, header.Kind, header.First.Wall));
        var room = ChunkHeader.Length + Math.Max(payload.Length, BrotliEncoder.GetMaxCompressedLength(payload.Length));
        if (_stored.Length < room)
            _stored = new byte[Math.Max(_stored.Length * 2, room)];
        var body = _stored.AsSpan(ChunkHeader.Length);
        var length = 0;
        var isCompressed = payload.Length >= CompressFrom
            && BrotliEncoder.TryCompress(payload, body, out length, Quality, WindowBits)
            && length < payload.Length;
        if (!isCompressed)
        {
            payload.CopyTo(body);
            length = payload.Length;
        }

        header = header with
        {
            IsCompressed = isCompressed,
            RawLength = payload.Length,
            StoredLength = length,
            PayloadChecksum = RecordingFormat.Checksum(body[..length]),
        };
        header.Write(_stored);
        Append(_stored.AsSpan(0, ChunkHeader.Length + length));
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        Length += bytes.Length;
    }
}
