namespace SelfHeal.Grpc.Wire;

/// <summary>Between metadata and header fields (PROTOCOL-HTTP2.md, "Custom-Metadata").</summary>
internal static class GrpcMetadataWire
{
    public static bool IsValidKey(string key)
    {
        foreach (var c in key)
            if (!(c is >= 'a' and <= 'z' or >= '0' and <= '9' or '_' or '-' or '.'))
                return false;
        return key.Length > 0;
    }

    public static bool IsValidValue(string value)
    {
        foreach (var c in value)
            if (c is < ' ' or > '~')
                return false;
        return true;
    }

    /// <summary>Whether a name is the protocol's own and never metadata.</summary>
    public static bool IsReserved(string key) => key switch
    {
        GrpcHeaderNames.Status or GrpcHeaderNames.Message or GrpcHeaderNames.Timeout => true,
        GrpcHeaderNames.Encoding or GrpcHeaderNames.AcceptEncoding => true,
        "te" or "content-type" or "content-length" or "host" or "connection" or "keep-alive" => true,
        "transfer-encoding" or "upgrade" or "proxy-connection" or "date" or "server" => true,
        _ => key.StartsWith(':'),
    };

    /// <summary>Takes one received header field; a field that is not metadata, or malformed, is passed over.</summary>
    public static void AddReceived(GrpcMetadata metadata, string name, string value)
    {
        // Lower case is a must in HTTP/2, but .NET hands well-known names on in their HTTP/1 spelling.
        var key = name.ToLowerInvariant();
        if (IsReserved(key) || !IsValidKey(key))
            return;
        if (!GrpcMetadata.IsBinaryKey(key))
        {
            metadata.AddReceived(new GrpcMetadataEntry(key, value, default));
            return;
        }
        // Several binary values may have been joined by commas on the way.
        foreach (var range in value.AsSpan().Split(','))
            if (TryDecode(value.AsSpan()[range].Trim(), out var bytes))
                metadata.AddReceived(new GrpcMetadataEntry(key, "", bytes));
    }

    /// <summary>The header value of an entry; base64 without padding, as the protocol asks of senders.</summary>
    public static string ValueOf(GrpcMetadataEntry entry) =>
        entry.IsBinary ? Convert.ToBase64String(entry.Bytes.Span).TrimEnd('=') : entry.Value;

    private static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        var body = text.TrimEnd('=');
        var padded = new char[(body.Length + 3) / 4 * 4];
        body.CopyTo(padded);
        padded.AsSpan(body.Length).Fill('=');
        bytes = new byte[padded.Length / 4 * 3];
        if (!Convert.TryFromBase64Chars(padded, bytes, out var written))
            return false;
        Array.Resize(ref bytes, written);
        return true;
    }
}
