using System.IO.Compression;
using SelfHeal.Core.Recording;

namespace SelfHeal.Sidecar.Recording;

/// <summary>
/// Reads the chunks of one file in order. What is damaged is told and passed over: the search goes on at the next
/// header that stands the test of its checksum. At most one chunk is in memory.
/// </summary>
internal sealed class RecordingReader : IDisposable
{
    // A file that is damaged in more places is told about by these; the rest is counted.
    private const int FaultLimit = 100;

    private readonly string _name;
    private readonly FileStream _stream;
    private readonly List<RecordingFault> _faults = [];
    private readonly Queue<long> _first = [];
    private readonly byte[] _header = new byte[ChunkHeader.Length];
    private readonly byte[] _window = new byte[64 * 1024];
    private byte[] _stored = [];
    private byte[] _raw = [];
    private long _position;
    private bool _isEnded;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public RecordingReader(string path)
    {
        _name = path;
        _stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Open,
            Access = FileAccess.Read,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        });
        Length = _stream.Length;
        Span<byte> header = stackalloc byte[RecordingFormat.FileHeaderLength];
        var read = ReadAt(0, header);
        if (RecordingFormat.CheckFileHeader(header[..read], out var isReadable) is { } expected)
            AddFault(0, expected);
        _isEnded = !isReadable;
        _position = Math.Min(Length, RecordingFormat.FileHeaderLength);
    }

    /// <summary>Bytes of the file when it was opened.</summary>
    public long Length { get; }

    /// <summary>Where the next chunk is read.</summary>
    public long Position => _position;

    /// <summary>Where the newest chunk began.</summary>
    public long ChunkOffset { get; private set; }

    /// <summary>What could not be read, in the order of reading.</summary>
    public IReadOnlyList<RecordingFault> Faults => _faults;

    /// <summary>Faults beyond those that are kept.</summary>
    public int MoreFaults { get; private set; }

    /// <summary>Reads the next chunk.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="payload">Its payload, not compressed; valid until the next call.</param>
    /// <returns>False at the end of the file.</returns>
    public bool TryRead(out ChunkHeader header, out ReadOnlyMemory<byte> payload)
    {
        while (!_isEnded)
        {
            var offset = _first.Count > 0 ? _first.Dequeue() : _position;
            var isSeek = offset != _position;
            if (!TryReadHeader(offset, isSeek, out header))
                continue;
            var next = offset + ChunkHeader.Length + header.StoredLength;
            if (TryReadPayload(offset, header, out payload))
            {
                ChunkOffset = offset;
                if (!isSeek)
                    _position = next;
                return true;
            }

            // The length may be what is damaged, so the search begins right behind the header.
            if (!isSeek)
                _position = Find(offset + ChunkHeader.Length);
        }

        header = default;
        payload = default;
        return false;
    }

    /// <summary>Goes to the last key that is not after a time; names and entries before it are read first.</summary>
    /// <param name="time">By the wall clock.</param>
    public void SeekTo(DateTimeOffset time)
    {
        var entries = ReadIndex() ?? WalkHeaders();
        var key = entries.FindLast(entry => entry.Kind == ChunkKind.Steps && entry.First <= time);
        if (key.Kind != ChunkKind.Steps)
            return;
        foreach (var entry in entries)
        {
            if (entry.Offset < key.Offset && entry.Kind != ChunkKind.Steps)
                _first.Enqueue(entry.Offset);
        }

        _position = key.Offset;
    }

    /// <summary>The time of the first step; null where no chunk can be read.</summary>
    public DateTimeOffset? FirstStep()
    {
        var position = _position;
        while (TryReadHeader(position, isSeek: true, out var header))
        {
            if (header.Kind is ChunkKind.Steps or ChunkKind.Start)
                return header.First.Wall;
            position += ChunkHeader.Length + header.StoredLength;
        }

        return null;
    }

    /// <summary>Says that the newest chunk cannot be what it says.</summary>
    /// <param name="expected">What was expected.</param>
    public void AddFault(string expected) => AddFault(ChunkOffset, expected);

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private bool TryReadHeader(long offset, bool isSeek, out ChunkHeader header)
    {
        header = default;
        var read = ReadAt(offset, _header);
        if (read == ChunkHeader.Length && ChunkHeader.TryRead(_header, out header) is not { } expected)
            return true;
        if (isSeek)
            return false;
        if (read == ChunkHeader.Length)
        {
            AddFault(offset, ChunkHeader.TryRead(_header, out _) ?? "");
            _position = Find(offset + 1);
            return false;
        }

        _isEnded = true;
        if (read != RecordingFormat.TrailerLength || !RecordingFormat.TryReadTrailer(_header.AsSpan(0, read), out _))
        {
            AddFault(offset, read == 0
                ? "the index that ends a recording; the recorder was stopped short, and its last seconds are missing"
                : $"a chunk header of {ChunkHeader.Length} bytes; the file ends after {read}");
        }

        return false;
    }

    private bool TryReadPayload(long offset, in ChunkHeader header, out ReadOnlyMemory<byte> payload)
    {
        payload = default;
        var start = offset + ChunkHeader.Length;
        if (header.StoredLength > Length - start)
        {
            AddFault(start, $"{header.StoredLength} bytes of a chunk; the file ends after {Length - start}");
            return false;
        }

        if (_stored.Length < header.StoredLength)
            _stored = new byte[Math.Max(header.StoredLength, _stored.Length * 2)];
        var stored = _stored.AsMemory(0, header.StoredLength);
        if (ReadAt(start, stored.Span) != header.StoredLength
            || RecordingFormat.Checksum(stored.Span) != header.PayloadChecksum)
        {
            AddFault(start, "the bytes of a chunk with the checksum that its header says");
            return false;
        }

        if (!header.IsCompressed)
        {
            payload = stored;
            return true;
        }

        if (_raw.Length < header.RawLength)
            _raw = new byte[Math.Max(header.RawLength, _raw.Length * 2)];
        if (!BrotliDecoder.TryDecompress(stored.Span, _raw.AsSpan(0, header.RawLength), out var length)
            || length != header.RawLength)
        {
            AddFault(start, $"compressed bytes that become {header.RawLength}");
            return false;
        }

        payload = _raw.AsMemory(0, header.RawLength);
        return true;
    }

    /// <summary>The next place from <paramref name="offset"/> on at which a header stands the test; the end of the
    /// file where there is none.</summary>
    private long Find(long offset)
    {
        while (offset < Length)
        {
            var read = ReadAt(offset, _window);
            var window = _window.AsSpan(0, read);
            for (var from = 0; window[from..].IndexOf(ChunkHeader.Magic) is >= 0 and var place; from += place + 1)
            {
                if (ReadAt(offset + from + place, _header) == ChunkHeader.Length
                    && ChunkHeader.TryRead(_header, out _) is null)
                    return offset + from + place;
            }

            if (read <= ChunkHeader.Magic.Length)
                break;
            offset += read < _window.Length ? read : read - ChunkHeader.Magic.Length;
        }

        _isEnded = true;
        return Length;
    }

    private List<IndexEntry>? ReadIndex()
    {
        Span<byte> trailer = stackalloc byte[RecordingFormat.TrailerLength];
        if (ReadAt(Math.Max(0, Length - trailer.Length), trailer) != trailer.Length
            || !RecordingFormat.TryReadTrailer(trailer, out var offset)
            || !TryReadHeader(offset, isSeek: true, out var header)
            || header.Kind != ChunkKind.Index)
            return null;
        var faults = _faults.Count;
        if (TryReadPayload(offset, header, out var payload))
            return RecordingIndex.TryRead(payload.Span);
        _faults.RemoveRange(faults, _faults.Count - faults); // Told when it is read in its turn.
        return null;
    }

    private List<IndexEntry> WalkHeaders()
    {
        var entries = new List<IndexEntry>();
        for (var offset = _position; TryReadHeader(offset, isSeek: true, out var header);
            offset += ChunkHeader.Length + header.StoredLength)
        {
            if (header.Kind is ChunkKind.Start or ChunkKind.Catalog or ChunkKind.Ledger || header.IsKey)
                entries.Add(new IndexEntry(offset, header.Kind, header.First.Wall));
        }

        return entries;
    }

    private int ReadAt(long offset, Span<byte> destination)
    {
        var read = 0;
        while (read < destination.Length)
        {
            var part = RandomAccess.Read(_stream.SafeFileHandle, destination[read..], offset + read);
            if (part == 0)
                break;
            read += part;
        }

        return read;
    }

    private void AddFault(long offset, string expected)
    {
        if (_faults.Count < FaultLimit)
            _faults.Add(new RecordingFault(_name, offset, expected));
        else
            MoreFaults++;
    }
}
