namespace SelfHeal.Grpc;

/// <summary>Why the cancellation token of a call fired.</summary>
public enum GrpcCancelReason
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>The client cancelled the call or went away.</summary>
    Cancelled,

    /// <summary>The deadline passed.</summary>
    DeadlineExceeded,

    /// <summary>The server is shutting down; the client is told UNAVAILABLE and may go elsewhere.</summary>
    Shutdown,

    /// <summary>The client read nothing for the whole <see cref="GrpcServiceOptions.SendTimeout"/>.</summary>
    SendTimeout,
}
