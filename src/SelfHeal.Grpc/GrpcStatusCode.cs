namespace SelfHeal.Grpc;

/// <summary>
/// The outcome of a call: the seventeen codes of the gRPC protocol (statuscodes.md), sent as <c>grpc-status</c>.
/// </summary>
public enum GrpcStatusCode
{
    /// <summary>The call succeeded.</summary>
    Ok = 0,

    /// <summary>The caller gave the call up.</summary>
    Cancelled = 1,

    /// <summary>The other side sent no status, or one that nobody knows.</summary>
    Unknown = 2,

    /// <summary>The request is wrong whatever the state of the system.</summary>
    InvalidArgument = 3,

    /// <summary>The time given to the call ran out.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was asked for does not exist.</summary>
    NotFound = 5,

    /// <summary>What was to be made exists already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known and may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A limit was reached: message size, quota, bandwidth.</summary>
    ResourceExhausted = 8,

    /// <summary>The system is not in the state that the call needs.</summary>
    FailedPrecondition = 9,

    /// <summary>The call lost a race; the caller may start again from a higher level.</summary>
    Aborted = 10,

    /// <summary>The request goes past the valid range.</summary>
    OutOfRange = 11,

    /// <summary>The service, method or compression is not supported.</summary>
    Unimplemented = 12,

    /// <summary>An invariant of the protocol or of a handler is broken.</summary>
    Internal = 13,

    /// <summary>The server cannot be reached or is shutting down; the caller may retry.</summary>
    Unavailable = 14,

    /// <summary>Data is lost or corrupted for good.</summary>
    DataLoss = 15,

    /// <summary>The caller is not known.</summary>
    Unauthenticated = 16,
}
