using System.Buffers;
using SelfHeal.Core;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;

namespace SelfHeal.Xds.Stats;

/// <summary>
/// Reads one stream of <c>envoy.service.metrics.v3.StreamMetricsMessage</c> from payload bytes as they come from the
/// socket, cut anywhere. Makes no message objects and never holds a whole message: a family that lies whole in a part
/// is read there, and one that is cut is carried over in a small buffer. Bad bytes are an error value; after one the
/// rest of the stream is refused. One thread at a time.
/// </summary>
public sealed class MetricsStreamReader
{
    private readonly MetricsStreamOptions _options;
    private readonly FlushBatchPool _pool;
    private readonly IFlushSink _sink;
    private readonly FamilyReader _families;
    private byte[] _carry = new byte[4096];
    private int _carried;
    private State _state;
    private FlushBatch? _batch;
    private ulong _varint;
    private int _varintShift;
    private int _field;
    private int _remaining;
    private int _length;
    private int _offset;
    private int _elementStart;
    private long _message = -1;
    private long _sequence;
    private long _flushMillis;
    private int _partOfFlush;
    private string? _nodeCluster;
    private bool _isOpened;
    private bool _isClosed;

    /// <summary>A reader for a stream that was just opened.</summary>
    /// <param name="stream">The stream's id, never used before.</param>
    /// <param name="options">Limits.</param>
    /// <param name="pool">Where batches come from.</param>
    /// <param name="sink">Where they go at the end of each message.</param>
    /// <param name="directory">The names that all streams share; null for names of its own.</param>
    public MetricsStreamReader(
        long stream,
        MetricsStreamOptions options,
        FlushBatchPool pool,
        IFlushSink sink,
        SeriesDirectory? directory = null)
        : this(stream, options, pool, sink, directory, predicts: true)
    {
    }

    /// <summary>A reader that may be told to leave everything to the general parser.</summary>
    internal MetricsStreamReader(
        long stream,
        MetricsStreamOptions options,
        FlushBatchPool pool,
        IFlushSink sink,
        SeriesDirectory? directory,
        bool predicts)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(sink);
        Stream = stream;
        _options = options;
        _pool = pool;
        _sink = sink;
        _families = new FamilyReader(options, directory ?? new SeriesDirectory(), predicts);
    }

    private enum State : byte
    {
        Tag,
        Length,
        Content,
        SkippedContent,
        SkippedVarint,
    }

    /// <summary>The stream's id.</summary>
    public long Stream { get; }

    /// <summary>Envoy's node id; null until the first message named it.</summary>
    public string? Node { get; private set; }

    /// <summary>What ended the stream, if anything did.</summary>
    public MetricsStreamError Error { get; private set; }

    /// <summary>Series known on this stream.</summary>
    public int SeriesCount => _families.Table.Count;

    /// <summary>Families that the order of the flush before did not predict, since the start.</summary>
    public long Mispredictions => _families.Table.Misses;

    /// <summary>A message begins.</summary>
    /// <param name="length">Its payload's length in bytes, as the gRPC frame announced it.</param>
    /// <returns>False once the stream is refused, see <see cref="Error"/>, or has ended.</returns>
    public bool OnMessageStart(int length)
    {
        Invariant.Assert(_batch is null, "A message begins after the one before has ended");
        if (!Error.IsNone || _isClosed)
            return false;
        _message++;
        _length = length;
        _offset = 0;
        _elementStart = 0;
        _carried = 0;
        _state = State.Tag;
        _varint = 0;
        _varintShift = 0;
        _families.Begin();
        if (length < 0 || length > _options.MessageLengthMax)
            return Fail(MetricsStreamErrorCode.MessageTooLong, 0);
        _batch = _pool.Rent();
        return true;
    }

    /// <summary>A part of the message came.</summary>
    /// <param name="part">The next bytes; may be empty.</param>
    /// <param name="end">Whether the message ends with them.</param>
    /// <param name="now">When they came.</param>
    /// <returns>False once the stream is refused; see <see cref="Error"/>.</returns>
    public bool OnPart(ReadOnlySequence<byte> part, bool end, ControlTime now)
    {
        // Hot path: allocation-free in steady state.
        if (!Error.IsNone)
            return false;
        Invariant.Assert(_batch is not null, "A part belongs to a message that has begun");
        if (part.Length > _length - _offset)
            return Fail(MetricsStreamErrorCode.Overrun, _length);
        foreach (var segment in part)
        {
            if (!Feed(segment.Span))
                return false;
        }

        return !end || EndMessage(now);
    }

    /// <summary>The stream ended, perhaps in the middle of a message.</summary>
    public void OnClosed()
    {
        Release();
        Close();
    }

    private bool Feed(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var read = _state switch
            {
                State.Tag => ReadTag(bytes),
                State.Length => ReadLength(bytes),
                State.Content => ReadContent(bytes),
                State.SkippedContent => SkipContent(bytes),
                _ => SkipVarint(bytes),
            };
            if (read < 0)
                return false;
            _offset += read;
            bytes = bytes[read..];
        }

        return true;
    }

    /// <summary>Each of these consumes at least one byte and says how many, or -1 after an error.</summary>
    private int ReadTag(ReadOnlySpan<byte> bytes)
    {
        if (_varintShift == 0)
        {
            _elementStart = _offset;
            var whole = ReadWholeFamily(bytes);
            if (whole != 0)
                return whole;
        }

        var read = ReadVarint(bytes, out var isDone);
        if (!isDone)
            return read;
        var tag = TakeVarint();
        if (tag > uint.MaxValue || tag >> 3 == 0)
            return Refuse(MetricsStreamErrorCode.BadTag, _elementStart);
        _field = (int)(tag >> 3);
        var wireType = (int)(tag & 7);
        if (_field is 1 or 2 && wireType != WireCursor.Delimited)
            return Refuse(MetricsStreamErrorCode.BadWireType, _elementStart);
        switch (wireType)
        {
            case WireCursor.Varint:
                _state = State.SkippedVarint;
                return read;
            case WireCursor.Delimited:
                _state = State.Length;
                return read;
            case WireCursor.Fixed64 or WireCursor.Fixed32:
                return BeginContent(wireType == WireCursor.Fixed64 ? 8 : 4, read, State.SkippedContent);
            default:
                return Refuse(MetricsStreamErrorCode.BadWireType, _elementStart);
        }
    }

    /// <summary>The common case in one step: families that lie whole in this part. 0 where it is not that.</summary>
    private int ReadWholeFamily(ReadOnlySpan<byte> bytes)
    {
        // Hot path: allocation-free unless a series is new.
        const int TagOfFamily = (2 << 3) | WireCursor.Delimited;
        if (bytes.Length < 3 || bytes[0] != TagOfFamily)
            return 0;
        var read = _families.ReadPredicted(bytes, _batch!);
        if (read == 0)
            read = _families.ReadShuffled(bytes, _options.FieldLengthMax, _batch!);
        if (read > 0)
            return read;
        int length = bytes[1];
        var start = 2;
        if (length >= 0x80)
        {
            if (bytes[2] >= 0x80)
                return 0;
            length = (length & 0x7F) | (bytes[2] << 7);
            start = 3;
        }

        if (length > bytes.Length - start || length > _options.FieldLengthMax)
            return 0;
        return ReadFamily(bytes.Slice(start, length), _offset + start) ? start + length : -1;
    }

    private int ReadLength(ReadOnlySpan<byte> bytes)
    {
        if (_varintShift == 0)
            _elementStart = _offset;
        var read = ReadVarint(bytes, out var isDone);
        if (!isDone)
            return read;
        var length = TakeVarint();
        if (length > (ulong)(_length - _offset - read))
            return Refuse(MetricsStreamErrorCode.BadLength, _elementStart);
        var isRead = _field == 2 || (_field == 1 && _message == 0);
        if (isRead && length > (ulong)_options.FieldLengthMax)
            return Refuse(MetricsStreamErrorCode.FieldTooLong, _elementStart);
        return BeginContent((int)length, read, isRead ? State.Content : State.SkippedContent);
    }

    private int BeginContent(int length, int read, State state)
    {
        if (length > _length - _offset - read)
            return Refuse(MetricsStreamErrorCode.Truncated, _elementStart);
        _remaining = length;
        _carried = 0;
        _state = state;
        _elementStart = _offset + read;
        if (length > 0)
            return read;

        // Nothing will come for it, so it is complete at once.
        if (state == State.Content && !ReadField([], _elementStart))
            return -1;
        _state = State.Tag;
        return read;
    }

    private int ReadContent(ReadOnlySpan<byte> bytes)
    {
        if (_carried == 0 && bytes.Length >= _remaining)
        {
            var length = _remaining;
            _remaining = 0;
            _state = State.Tag;
            return ReadField(bytes[..length], _elementStart) ? length : -1;
        }

        // The buffer grows with what came, not with what was announced.
        var read = Math.Min(bytes.Length, _remaining);
        if (_carry.Length - _carried < read)
            Array.Resize(ref _carry, Math.Max(_carry.Length * 2, _carried + read));
        bytes[..read].CopyTo(_carry.AsSpan(_carried));
        _carried += read;
        _remaining -= read;
        if (_remaining > 0)
            return read;
        _state = State.Tag;
        var content = _carry.AsSpan(0, _carried);
        _carried = 0;
        return ReadField(content, _elementStart) ? read : -1;
    }

    private int SkipContent(ReadOnlySpan<byte> bytes)
    {
        var read = Math.Min(bytes.Length, _remaining);
        _remaining -= read;
        if (_remaining == 0)
            _state = State.Tag;
        return read;
    }

    private int SkipVarint(ReadOnlySpan<byte> bytes)
    {
        if (_varintShift == 0)
            _elementStart = _offset;
        var read = ReadVarint(bytes, out var isDone);
        if (!isDone)
            return read;
        TakeVarint();
        _state = State.Tag;
        return read;
    }

    private int ReadVarint(ReadOnlySpan<byte> bytes, out bool isDone)
    {
        isDone = false;
        for (var read = 0; read < bytes.Length;)
        {
            if (_varintShift == 70)
                return Refuse(MetricsStreamErrorCode.BadVarint, _elementStart);
            var part = bytes[read++];
            _varint |= (ulong)(part & 0x7F) << _varintShift;
            _varintShift += 7;
            if (part >= 0x80)
                continue;
            isDone = true;
            return read;
        }

        return bytes.Length;
    }

    private ulong TakeVarint()
    {
        var value = _varint;
        _varint = 0;
        _varintShift = 0;
        return value;
    }

    private bool ReadField(ReadOnlySpan<byte> content, int start)
    {
        if (_field == 2)
            return ReadFamily(content, start);
        var node = Node;
        if (!IdentifierReader.TryRead(content, ref node, ref _nodeCluster, out var error, out var offset))
            return Fail(error, start + offset);
        Node = node;
        return true;
    }

    private bool ReadFamily(ReadOnlySpan<byte> family, int start)
    {
        // The batch is there: a part was accepted only within a message.
        return _families.TryRead(family, _batch!) || Fail(_families.Error, start + _families.ErrorOffset);
    }

    private bool EndMessage(ControlTime now)
    {
        if (_offset != _length)
            return Fail(MetricsStreamErrorCode.Truncated, _offset);
        if (_state != State.Tag || _varintShift != 0)
            return Fail(MetricsStreamErrorCode.Truncated, _elementStart);
        if (string.IsNullOrEmpty(Node))
            return Fail(MetricsStreamErrorCode.NoIdentifier, 0);
        if (!_isOpened)
        {
            _isOpened = true;
            _sink.StreamOpened(Stream, Node, _nodeCluster ?? "", now);
        }

        Invariant.Assert(_batch is not null, "A message that ends has begun");
        var batch = _batch;
        var samples = batch.Count + batch.HistogramIndexes.Length
            + batch.SkippedSamples + batch.OverflowedSamples + batch.UnusableSamples;

        // A message with an identifier alone is no flush: as the first one it would make every series after it look
        // new.
        if (samples == 0)
        {
            Release();
            return true;
        }

        var millis = _families.TimestampMillis;
        _partOfFlush = millis != 0 && millis == _flushMillis ? _partOfFlush + 1 : 0;
        _flushMillis = millis;
        batch.Seal(Stream, _sequence++, _partOfFlush, millis, now, _families.Table.Catalog);
        _batch = null;
        _sink.Post(batch);
        return true;
    }

    private int Refuse(MetricsStreamErrorCode code, int offset)
    {
        Fail(code, offset);
        return -1;
    }

    private bool Fail(MetricsStreamErrorCode code, int offset)
    {
        Error = new MetricsStreamError(code, _message, offset);
        Release();
        return false;
    }

    /// <summary>The names go back; nothing is read any more.</summary>
    private void Close()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _families.Table.Clear();
    }

    /// <summary>What was read of an unfinished message is worth nothing.</summary>
    private void Release()
    {
        if (_batch is null)
            return;
        _pool.Return(_batch);
        _batch = null;
    }
}
