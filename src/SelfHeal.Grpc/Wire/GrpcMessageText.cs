using System.Text;

namespace SelfHeal.Grpc.Wire;

/// <summary>Percent-encoding of <c>grpc-message</c> (PROTOCOL-HTTP2.md, "Status-Message").</summary>
internal static class GrpcMessageText
{
    // 4 KiB encoded: peers limit all headers together to 8 KiB and more (grpc-js and Envoy: 60 KiB), and a longer
    // text would lose the status itself. The rest is cut off.
    private const int EncodedBytesMax = 4096;

    public static string Encode(string message)
    {
        if (!NeedsEncoding(message) && message.Length <= EncodedBytesMax)
            return message;
        var encoded = new StringBuilder(Math.Min(message.Length * 2, EncodedBytesMax));
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in message.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(utf8);
            var plain = length == 1 && IsPlain((char)utf8[0]);
            // A character is cut off whole, so that what remains is still valid UTF-8.
            if (encoded.Length + (plain ? 1 : 3 * length) > EncodedBytesMax)
                break;
            if (plain)
                encoded.Append((char)utf8[0]);
            else
                foreach (var value in utf8[..length])
                    encoded.Append('%').Append(value.ToString("X2"));
        }
        return encoded.ToString();
    }

    /// <summary>Decodes; what is not a valid escape stays as it is, because a text is never a reason to fail.</summary>
    public static string Decode(string encoded)
    {
        if (!encoded.Contains('%', StringComparison.Ordinal))
            return encoded;
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(encoded.Length)];
        var written = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] == '%' && i + 2 < encoded.Length
                && char.IsAsciiHexDigit(encoded[i + 1]) && char.IsAsciiHexDigit(encoded[i + 2]))
            {
                bytes[written++] = Convert.FromHexString(encoded.AsSpan(i + 1, 2))[0];
                i += 2;
            }
            else
            {
                written += Encoding.UTF8.GetBytes(encoded.AsSpan(i, 1), bytes.AsSpan(written));
            }
        }
        return Encoding.UTF8.GetString(bytes, 0, written);
    }

    private static bool NeedsEncoding(string message)
    {
        foreach (var c in message)
            if (!IsPlain(c))
                return true;
        return false;
    }

    private static bool IsPlain(char c) => c is >= ' ' and <= '~' and not '%';
}
