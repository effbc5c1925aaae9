namespace SelfHeal.Grpc;

/// <summary>Limits of a service; a method may have its own.</summary>
public sealed record GrpcServiceOptions
{
    /// <summary>The defaults.</summary>
    public static readonly GrpcServiceOptions Default = new();

    /// <summary>
    /// Largest message taken, in bytes, also after decompression. Default 4 MiB, which is what other implementations
    /// have; 0 to 2 GiB - 1. A larger message ends the call with RESOURCE_EXHAUSTED before its bytes are kept.
    /// </summary>
    public int MaxReceiveMessageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// Largest message sent, in bytes before compression. Default 2 GiB - 1: what we send is ours and goes out in
    /// slices. A larger message fails the write with RESOURCE_EXHAUSTED.
    /// </summary>
    public int MaxSendMessageBytes { get; init; } = int.MaxValue;

    /// <summary>Whether responses are compressed with gzip for clients that accept it. Default false.</summary>
    public bool ResponseCompression { get; init; }

    /// <summary>
    /// How long one slice of a message (128 KiB) may wait for the client to read. Default 60 s, at least 1 ms,
    /// <see cref="Timeout.InfiniteTimeSpan"/> for no limit. Then the stream is reset with ENHANCE_YOUR_CALM, which
    /// clients report as RESOURCE_EXHAUSTED.
    /// </summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(60);

    internal GrpcServiceOptions Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(MaxReceiveMessageBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxSendMessageBytes);
        if (SendTimeout != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(SendTimeout, TimeSpan.FromMilliseconds(1));
        return this;
    }
}
