namespace SelfHeal.Grpc;

/// <summary>
/// Carries a status that is not OK: a handler throws it to end its call with that status; the client throws it when
/// a call ended with one.
/// </summary>
public sealed class GrpcException : Exception
{
    /// <summary>Ends a call with a status.</summary>
    /// <param name="status">The status; not OK.</param>
    /// <param name="trailers">Metadata sent, or received, with the status; null means none.</param>
    /// <param name="innerException">What caused it, never sent to the other side; null means nothing did.</param>
    public GrpcException(GrpcStatus status, GrpcMetadata? trailers = null, Exception? innerException = null)
        : base(status.ToString(), innerException)
    {
        Status = status;
        Trailers = trailers ?? new GrpcMetadata();
    }

    /// <summary>Ends a call with a code and a text.</summary>
    public GrpcException(GrpcStatusCode code, string message)
        : this(new GrpcStatus(code, message))
    {
    }

    /// <summary>The status.</summary>
    public GrpcStatus Status { get; }

    /// <summary>Metadata that goes, or came, with the status; empty when there is none.</summary>
    public GrpcMetadata Trailers { get; }
}
