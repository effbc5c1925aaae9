using System.Net;

namespace SelfHeal.Grpc;

/// <summary>What failures below gRPC mean as a status.</summary>
internal static class GrpcClientErrors
{
    /// <summary>The status of a response that is not gRPC (http-grpc-status-mapping.md).</summary>
    public static GrpcStatus OfHttpStatus(HttpStatusCode status, string? contentType)
    {
        var code = (int)status switch
        {
            400 => GrpcStatusCode.Internal,
            401 => GrpcStatusCode.Unauthenticated,
            403 => GrpcStatusCode.PermissionDenied,
            404 => GrpcStatusCode.Unimplemented,
            429 or 502 or 503 or 504 => GrpcStatusCode.Unavailable,
            _ => GrpcStatusCode.Unknown,
        };
        return new(code, $"not a gRPC response: HTTP status {(int)status}, content type '{contentType}'");
    }

    /// <summary>The status of a failure of the connection or of the stream.</summary>
    public static GrpcStatus OfException(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            if (cause is HttpProtocolException protocol)
                return OfErrorCode(protocol.ErrorCode);
        return exception switch
        {
            // Not cancelled by the caller, who is asked first: the handler gives up bodies of lost connections this
            // way.
            OperationCanceledException =>
                new(GrpcStatusCode.Unavailable, "the connection was lost, or could not be made in time"),
            HttpRequestException or IOException or ObjectDisposedException =>
                new(GrpcStatusCode.Unavailable, Describe(exception)),
            _ => new(GrpcStatusCode.Internal, $"the call failed: {exception.Message}"),
        };
    }

    /// <summary>PROTOCOL-HTTP2.md, "Errors": the table from HTTP/2 error codes to statuses.</summary>
    private static GrpcStatus OfErrorCode(long errorCode)
    {
        var code = errorCode switch
        {
            7 => GrpcStatusCode.Unavailable, // REFUSED_STREAM
            8 => GrpcStatusCode.Cancelled, // CANCEL
            11 => GrpcStatusCode.ResourceExhausted, // ENHANCE_YOUR_CALM
            12 => GrpcStatusCode.PermissionDenied, // INADEQUATE_SECURITY
            _ => GrpcStatusCode.Internal,
        };
        return new(code, $"the server reset the stream with HTTP/2 error {errorCode}");
    }

    private static string Describe(Exception exception) =>
        exception.InnerException is { } inner ? $"{exception.Message} ({inner.Message})" : exception.Message;
}
