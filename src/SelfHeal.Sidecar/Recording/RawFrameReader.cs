using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;

namespace SelfHeal.Sidecar.Recording;

/// <summary>
/// Reads raw frames: repeated, the arrival in nanoseconds (8 bytes), the length of the message (4 bytes) and the
/// message, all little endian.
/// </summary>
/// <param name="stream">The frames.</param>
/// <param name="name">What errors call them.</param>
internal sealed class RawFrameReader(Stream stream, string name)
{
    private const int HeaderLength = 12;

    // The most that a stats stream may bring in one message.
    private const int MessageLengthMax = 64 * 1024 * 1024;
    private const int PartLength = 1024 * 1024;

    private readonly byte[] _header = new byte[HeaderLength];
    private byte[] _message = [];

    /// <summary>Where the next frame begins.</summary>
    public long Offset { get; private set; }

    /// <summary>Where the newest frame began.</summary>
    public long FrameOffset { get; private set; }

    /// <summary>What ended the reading before the end of the file; null where nothing did.</summary>
    public RecordingFault? Fault { get; private set; }

    /// <summary>Reads the next frame.</summary>
    /// <param name="arrivalNanos">When it arrived.</param>
    /// <param name="message">Its message; valid until the next call.</param>
    /// <returns>False at the end, and where <see cref="Fault"/> says what is wrong.</returns>
    public bool TryRead(out ulong arrivalNanos, out ReadOnlySequence<byte> message)
    {
        arrivalNanos = 0;
        message = default;
        FrameOffset = Offset;
        var read = stream.ReadAtLeast(_header, HeaderLength, throwOnEndOfStream: false);
        if (read == 0)
            return false;
        if (read < HeaderLength)
            return Fail(Offset, $"{HeaderLength} bytes of arrival and length; the file ends after {read}");
        arrivalNanos = BinaryPrimitives.ReadUInt64LittleEndian(_header);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(_header.AsSpan(sizeof(ulong)));
        if (length > MessageLengthMax)
            return Fail(Offset + sizeof(ulong), $"a length of at most {MessageLengthMax}; this one is {length}");

        // The buffer grows with what comes, not with what was announced.
        var got = 0;
        while (got < length)
        {
            var part = (int)Math.Min(length - got, PartLength);
            if (_message.Length < got + part)
                Array.Resize(ref _message, Math.Max(_message.Length * 2, got + part));
            var here = stream.ReadAtLeast(_message.AsSpan(got, part), part, throwOnEndOfStream: false);
            got += here;
            if (here < part)
            {
                return Fail(Offset + HeaderLength, string.Create(
                    CultureInfo.InvariantCulture, $"{length} bytes of a message; the file ends after {got}"));
            }
        }

        Offset += HeaderLength + length;
        message = new ReadOnlySequence<byte>(_message, 0, (int)length);
        return true;
    }

    private bool Fail(long offset, string expected)
    {
        Fault = new RecordingFault(name, offset, expected);
        return false;
    }
}
