namespace SelfHeal.Grpc.Wire;

/// <summary>How a message that has its compressed flag set is encoded.</summary>
internal enum GrpcEncoding
{
    /// <summary>Not at all; a compressed flag is then an error.</summary>
    Identity,

    /// <summary>gzip.</summary>
    Gzip,
}
