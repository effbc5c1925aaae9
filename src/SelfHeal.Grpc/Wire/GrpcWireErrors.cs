namespace SelfHeal.Grpc.Wire;

/// <summary>What is said to a peer whose bytes are refused.</summary>
internal static class GrpcWireErrors
{
    public static readonly GrpcStatus Truncated =
        new(GrpcStatusCode.Internal, "truncated message: the stream ended in the middle of a frame");

    public static readonly GrpcStatus BadGzip =
        new(GrpcStatusCode.Internal, "malformed message: the compressed bytes are not valid gzip");

    public static readonly GrpcStatus BadProtobuf =
        new(GrpcStatusCode.Internal, "malformed message: the bytes are not valid protobuf for this method");

    public static readonly GrpcStatus NoMessage =
        new(GrpcStatusCode.Internal, "expected one message, got none");

    public static readonly GrpcStatus ExtraMessage =
        new(GrpcStatusCode.Internal, "expected one message, got more");

    public static GrpcStatus TooLarge(uint got, int limit) =>
        new(GrpcStatusCode.ResourceExhausted, $"message of {got} bytes is larger than the limit of {limit} bytes");

    public static GrpcStatus TooLargeDecompressed(int limit) =>
        new(GrpcStatusCode.ResourceExhausted, $"decompressed message is larger than the limit of {limit} bytes");

    public static GrpcStatus TooLargeToSend(int got, int limit) =>
        new(GrpcStatusCode.ResourceExhausted,
            $"message to send of {got} bytes is larger than the limit of {limit} bytes");
}
