using System.Net;
using System.Net.Http.Headers;
using SelfHeal.Grpc.Wire;

namespace SelfHeal.Grpc;

/// <summary>Request and response header fields of the client (PROTOCOL-HTTP2.md).</summary>
internal static class GrpcClientWire
{
    public static HttpRequestMessage MakeRequest(Uri uri, GrpcCallOptions options, HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        content.Headers.TryAddWithoutValidation("content-type", GrpcHeaderNames.ContentType);
        var headers = request.Headers;
        headers.TryAddWithoutValidation("te", "trailers");
        headers.TryAddWithoutValidation("user-agent", "grpc-selfheal");
        headers.TryAddWithoutValidation(GrpcHeaderNames.AcceptEncoding, GrpcHeaderNames.AcceptedEncodings);
        if (options.Compress)
            headers.TryAddWithoutValidation(GrpcHeaderNames.Encoding, GrpcHeaderNames.Gzip);
        if (options.Timeout is { } timeout)
            headers.TryAddWithoutValidation(GrpcHeaderNames.Timeout, GrpcTimeout.Format(timeout));
        foreach (var entry in options.Headers ?? [])
            headers.TryAddWithoutValidation(entry.Key, GrpcMetadataWire.ValueOf(entry));
        return request;
    }

    public static GrpcMetadata ReadMetadata(HttpResponseHeaders headers)
    {
        var metadata = new GrpcMetadata();
        foreach (var (name, values) in headers.NonValidated)
            foreach (var value in values)
                GrpcMetadataWire.AddReceived(metadata, name, value);
        return metadata;
    }

    public static string? Single(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    /// <summary>Reads the status and what came with it, when the body has been read to its end.</summary>
    public static (GrpcStatus Status, GrpcMetadata Trailers) ReadStatus(HttpResponseMessage response, bool trailersOnly)
    {
        var fields = trailersOnly ? response.Headers : response.TrailingHeaders;
        var text = Single(fields, GrpcHeaderNames.Status);
        if (text is null)
            return (new(GrpcStatusCode.Unknown, "the server sent no grpc-status"), ReadMetadata(fields));
        var code = int.TryParse(text, out var number) && Enum.IsDefined((GrpcStatusCode)number)
            ? (GrpcStatusCode)number
            : GrpcStatusCode.Unknown;
        var message = GrpcMessageText.Decode(Single(fields, GrpcHeaderNames.Message) ?? "");
        return (new GrpcStatus(code, message), ReadMetadata(fields));
    }
}
