namespace SelfHeal.Benchmarks.Rejections;

/// <summary>CDS on an ADS stream, whichever variant.</summary>
internal interface IClusterStream : IDisposable
{
    /// <summary>Asks for every cluster.</summary>
    Task SubscribeAsync(CancellationToken cancellationToken);

    /// <summary>The next response; null when the stream has ended.</summary>
    Task<ClusterPush?> NextAsync(CancellationToken cancellationToken);

    /// <summary>Accepts a response, or rejects it with words.</summary>
    Task AnswerAsync(string nonce, string? error, CancellationToken cancellationToken);
}
