using System.Buffers.Binary;

namespace SelfHeal.Benchmarks.XdsLoad;

/// <summary>
/// Reads gRPC messages that are DiscoveryResponse or DeltaDiscoveryResponse as their bytes come, and of them only what
/// an ACK needs and how many resources there are: resources are skipped, never kept. Both have version, resources,
/// type and nonce in the fields 1, 2, 4 and 5.
/// </summary>
/// <param name="onMessage">Called at the end of each message.</param>
internal sealed class DiscoveryScanner(Action onMessage)
{
    private const int HeaderLength = 5;
    private const int TextMax = 256;
    private const int ResourceTag = (2 << 3) | 2;

    private readonly byte[] _header = new byte[HeaderLength];
    private readonly Text _version = new();
    private readonly Text _type = new();
    private readonly Text _nonce = new();
    private int _headerFill;
    private int _messageLeft;
    private int _tag = -1;
    private int _length;
    private int _shift;
    private int _fieldLeft;
    private Text? _capture;

    /// <summary>Of the message that has just ended.</summary>
    public ReadOnlySpan<byte> Version => _version.Span;

    /// <summary>Of the message that has just ended.</summary>
    public ReadOnlySpan<byte> TypeUrl => _type.Span;

    /// <summary>Of the message that has just ended.</summary>
    public ReadOnlySpan<byte> Nonce => _nonce.Span;

    /// <summary>Of the message that has just ended.</summary>
    public int Resources { get; private set; }

    /// <summary>The length of the message that has just ended.</summary>
    public int MessageBytes { get; private set; }

    /// <summary>Takes the next bytes of the stream.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_headerFill < HeaderLength)
                bytes = TakeHeader(bytes);
            else if (_fieldLeft > 0)
                bytes = TakeField(bytes);
            else
                bytes = TakeFieldHead(bytes);
            if (_headerFill == HeaderLength && _messageLeft == 0)
            {
                _headerFill = 0;
                onMessage();
            }
        }
    }

    private ReadOnlySpan<byte> TakeHeader(ReadOnlySpan<byte> bytes)
    {
        _header[_headerFill++] = bytes[0];
        if (_headerFill == HeaderLength)
        {
            if (_header[0] != 0)
                throw new InvalidOperationException("the server compresses; expected plain messages");
            _messageLeft = MessageBytes = BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(1));
            _version.Length = _type.Length = _nonce.Length = 0;
            Resources = 0;
        }

        return bytes[1..];
    }

    private ReadOnlySpan<byte> TakeFieldHead(ReadOnlySpan<byte> bytes)
    {
        var next = bytes[0];
        _messageLeft--;
        if (_tag < 0)
        {
            _tag = next;
            _length = _shift = 0;
            if (next >= 0x80 || (next & 7) is not (0 or 2))
                throw new InvalidOperationException($"tag {next} is in no discovery response");
            return bytes[1..];
        }

        _length |= (next & 0x7F) << _shift;
        _shift += 7;
        if (next >= 0x80)
            return bytes[1..];
        _fieldLeft = (_tag & 7) == 2 ? _length : 0;
        _capture = (_tag >> 3) switch { 1 => _version, 4 => _type, 5 => _nonce, _ => null };
        if (_capture is not null)
        {
            _capture.Length = 0;
            if (_length > TextMax)
                throw new InvalidOperationException($"a text of {_length} bytes in a response, expected {TextMax}");
        }

        if (_tag == ResourceTag)
            Resources++;
        _tag = -1;
        return bytes[1..];
    }

    private ReadOnlySpan<byte> TakeField(ReadOnlySpan<byte> bytes)
    {
        var taken = Math.Min(_fieldLeft, bytes.Length);
        if (_capture is { } text)
        {
            bytes[..taken].CopyTo(text.Bytes.AsSpan(text.Length));
            text.Length += taken;
        }

        _fieldLeft -= taken;
        _messageLeft -= taken;
        return bytes[taken..];
    }

    private sealed class Text
    {
        public byte[] Bytes { get; } = new byte[TextMax];

        public int Length { get; set; }

        public ReadOnlySpan<byte> Span => Bytes.AsSpan(0, Length);
    }
}
