using System.Buffers.Binary;
using System.Text;

namespace SelfHeal.Xds.Accepted;

/// <summary>
/// Reads what <see cref="PayloadWriter"/> wrote; what is not there or too long is a failure, told once.
/// </summary>
/// <param name="bytes">The whole payload.</param>
internal ref struct PayloadReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether everything so far was there.</summary>
    public bool IsSound { get; private set; } = true;

    /// <summary>Whether everything was there and nothing is left.</summary>
    public readonly bool IsComplete => IsSound && _rest.IsEmpty;

    public long Number()
    {
        if (_rest.Length < sizeof(long))
        {
            Fail();
            return 0;
        }

        var value = BinaryPrimitives.ReadInt64BigEndian(_rest);
        _rest = _rest[sizeof(long)..];
        return value;
    }

    /// <summary>How many things follow; each takes at least a byte, so more than is left cannot be.</summary>
    public int Count()
    {
        var count = Number();
        if (count >= 0 && count <= _rest.Length)
            return (int)count;
        Fail();
        return 0;
    }

    public ReadOnlySpan<byte> Bytes()
    {
        var length = Count();
        var value = _rest[..length];
        _rest = _rest[length..];
        return value;
    }

    public string Text()
    {
        try
        {
            return Strict.GetString(Bytes());
        }
        catch (DecoderFallbackException)
        {
            Fail();
            return "";
        }
    }

    /// <summary>
    /// A time of the wall clock; the checksum has been right, so one that is none is a fault of ours.
    /// </summary>
    public DateTimeOffset Time()
    {
        var milliseconds = Number();
        if (milliseconds >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds()
            && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        Fail();
        return DateTimeOffset.UnixEpoch;
    }

    private void Fail()
    {
        IsSound = false;
        _rest = default;
    }
}
