namespace SelfHeal.Grpc.Wire;

/// <summary>Header names and values of the protocol (PROTOCOL-HTTP2.md).</summary>
internal static class GrpcHeaderNames
{
    public const string ContentType = "application/grpc";
    public const string ContentTypeProto = "application/grpc+proto";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";
    public const string Identity = "identity";
    public const string Gzip = "gzip";
    public const string AcceptedEncodings = "identity,gzip";

    /// <summary>Whether a content type is ours: <c>application/grpc</c>, <c>+proto</c>, with or without parameters.
    /// </summary>
    public static bool IsGrpcContentType(string? contentType)
    {
        if (contentType is null)
            return false;
        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        var mediaType = (end < 0 ? contentType.AsSpan() : contentType.AsSpan(0, end)).Trim();
        return mediaType.Equals(ContentType, StringComparison.OrdinalIgnoreCase)
            || mediaType.Equals(ContentTypeProto, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Reads <c>grpc-encoding</c>; null means an encoding that is not supported.</summary>
    public static GrpcEncoding? ParseEncoding(string? value) => value switch
    {
        null or "" or Identity => GrpcEncoding.Identity,
        Gzip => GrpcEncoding.Gzip,
        _ => null,
    };

    /// <summary>Whether a list such as <c>identity,deflate,gzip</c> names gzip.</summary>
    public static bool AcceptsGzip(string? acceptEncoding)
    {
        if (acceptEncoding is null)
            return false;
        foreach (var range in acceptEncoding.AsSpan().Split(','))
            if (acceptEncoding.AsSpan()[range].Trim().SequenceEqual(Gzip))
                return true;
        return false;
    }
}
