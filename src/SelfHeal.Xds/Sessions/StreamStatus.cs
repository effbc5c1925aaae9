namespace SelfHeal.Xds.Sessions;

/// <summary>The gRPC status codes with which a session ends its stream; the numbers are gRPC's.</summary>
public enum StreamStatus
{
    /// <summary>The client broke the protocol; the same request would fail again.</summary>
    InvalidArgument = 3,

    /// <summary>The client asked for more than a limit allows.</summary>
    ResourceExhausted = 8,

    /// <summary>The client should open the stream anew.</summary>
    Unavailable = 14,
}
