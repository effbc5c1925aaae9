using Google.Protobuf;
using SelfHeal.Grpc;

namespace SelfHeal.Sidecar.Delegation;

/// <summary>What a link to the upstream tells its relay, in order. A closed set.</summary>
/// <typeparam name="TRequest">The type of requests.</typeparam>
/// <typeparam name="TResponse">The type of responses.</typeparam>
internal abstract record UpstreamEvent<TRequest, TResponse>
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private UpstreamEvent()
    {
    }

    /// <summary>A stream is open: it must be told everything.</summary>
    /// <param name="Call">Where requests go.</param>
    public sealed record Connected(GrpcDuplexCall<TRequest, TResponse> Call) : UpstreamEvent<TRequest, TResponse>;

    /// <summary>The upstream has said something.</summary>
    /// <param name="Message">What.</param>
    public sealed record Received(TResponse Message) : UpstreamEvent<TRequest, TResponse>;

    /// <summary>The stream has ended, or could not be opened.</summary>
    public sealed record Lost : UpstreamEvent<TRequest, TResponse>;
}
