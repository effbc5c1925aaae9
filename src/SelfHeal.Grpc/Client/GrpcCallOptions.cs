namespace SelfHeal.Grpc;

/// <summary>Options of one call.</summary>
public sealed record GrpcCallOptions
{
    /// <summary>The defaults.</summary>
    public static readonly GrpcCallOptions Default = new();

    /// <summary>
    /// Time given to the call, sent as <c>grpc-timeout</c> and kept here too. Null means no limit. When it runs out the
    /// call ends with DEADLINE_EXCEEDED.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Metadata sent with the call; null means none.</summary>
    public GrpcMetadata? Headers { get; init; }

    /// <summary>Whether requests are compressed with gzip. Default false.</summary>
    public bool Compress { get; init; }

    /// <summary>Largest message taken, in bytes; null means that of the channel.</summary>
    public int? MaxReceiveMessageBytes { get; init; }
}
