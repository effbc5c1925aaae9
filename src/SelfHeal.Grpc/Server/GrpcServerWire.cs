using Microsoft.AspNetCore.Http;
using SelfHeal.Grpc.Wire;

namespace SelfHeal.Grpc;

/// <summary>Response header fields (PROTOCOL-HTTP2.md, "Responses").</summary>
internal static class GrpcServerWire
{
    public static void SetHeaders(HttpResponse response, GrpcEncoding encoding, GrpcMetadata? metadata)
    {
        response.ContentType = GrpcHeaderNames.ContentType;
        response.Headers[GrpcHeaderNames.AcceptEncoding] = GrpcHeaderNames.AcceptedEncodings;
        if (encoding == GrpcEncoding.Gzip)
            response.Headers[GrpcHeaderNames.Encoding] = GrpcHeaderNames.Gzip;
        foreach (var entry in metadata ?? [])
            response.Headers.Append(entry.Key, GrpcMetadataWire.ValueOf(entry));
    }

    public static void AppendTrailers(HttpResponse response, GrpcStatus status, GrpcMetadata? metadata)
    {
        response.AppendTrailer(GrpcHeaderNames.Status, ((int)status.Code).ToString());
        if (!string.IsNullOrEmpty(status.Message))
            response.AppendTrailer(GrpcHeaderNames.Message, GrpcMessageText.Encode(status.Message));
        foreach (var entry in metadata ?? [])
            response.AppendTrailer(entry.Key, GrpcMetadataWire.ValueOf(entry));
    }

    /// <summary>Puts the status into the headers of a response that has no body ("Trailers-Only").</summary>
    public static void SetTrailersOnly(HttpResponse response, GrpcStatus status, GrpcMetadata? metadata)
    {
        SetHeaders(response, GrpcEncoding.Identity, metadata);
        response.Headers.Remove(GrpcHeaderNames.Encoding);
        response.Headers[GrpcHeaderNames.Status] = ((int)status.Code).ToString();
        if (!string.IsNullOrEmpty(status.Message))
            response.Headers[GrpcHeaderNames.Message] = GrpcMessageText.Encode(status.Message);
    }
}
