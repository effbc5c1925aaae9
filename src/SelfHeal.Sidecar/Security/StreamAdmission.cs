using Microsoft.Extensions.Logging;
using SelfHeal.Core.Time;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;

namespace SelfHeal.Sidecar.Security;

/// <summary>Whom an xDS stream is opened for, how many streams, and for how long.</summary>
/// <param name="options">Limits and rules.</param>
/// <param name="meter">Counts what is refused.</param>
/// <param name="random">Draws how long each stream may live.</param>
/// <param name="logger">Where refusals are told.</param>
internal sealed partial class StreamAdmission(
    XdsOptions options, AccessMeter meter, IRandomSource random, ILogger<StreamAdmission> logger)
{
    // A tenth up and down: a thousand streams that opened together end over a fifth of their age, and not at once.
    private const int JitterTenthsOfPercent = 100;

    private readonly PeerStreams _streams = new(options.MaxStreamsPerPeer);
    private readonly Lock _drawing = new();

    /// <summary>The rules.</summary>
    public AccessPolicy Policy { get; } = new(options);

    /// <summary>Books a stream for its caller.</summary>
    /// <param name="call">The call.</param>
    /// <param name="open">How many streams are open.</param>
    /// <returns>Who called; to be given to <see cref="Leave"/> when the stream has ended.</returns>
    /// <exception cref="GrpcException">RESOURCE_EXHAUSTED: there are too many, and the message names the option.
    /// </exception>
    public PeerIdentity Enter(GrpcCall call, int open)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (open >= options.MaxStreams)
        {
            meter.Refused(AccessMeter.Streams);
            LogRefused(logger, options.MaxStreams);
            throw new GrpcException(
                GrpcStatusCode.ResourceExhausted,
                $"{options.MaxStreams} xDS streams are open, the limit (xds.max_streams)");
        }

        var peer = PeerIdentity.Of(call.Peer.Address, call.Peer.ClientCertificate);
        if (_streams.TryEnter(peer.Key))
            return peer;
        meter.Refused(AccessMeter.PeerStreams);
        LogPeerRefused(logger, peer.Key, options.MaxStreamsPerPeer);
        throw new GrpcException(
            GrpcStatusCode.ResourceExhausted,
            $"{peer.Key} has {options.MaxStreamsPerPeer} xDS streams open, the limit (xds.max_streams_per_peer)");
    }

    /// <summary>A stream has ended.</summary>
    /// <param name="peer">From <see cref="Enter"/>.</param>
    public void Leave(PeerIdentity peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        _streams.Leave(peer.Key);
    }

    /// <summary>What stands before a stream's session, or before a fetch.</summary>
    /// <param name="peer">Who called.</param>
    public StreamGuard Guard(PeerIdentity peer) => new(Policy, peer, meter, logger);

    /// <summary>How long a stream that opens now may live; null: for ever.</summary>
    public TimeSpan? DrawAge()
    {
        if (options.MaxConnectionAge is not { } age)
            return null;
        lock (_drawing)
        {
            var tenths = 1000 - JitterTenthsOfPercent + random.NextInt32((2 * JitterTenthsOfPercent) + 1);
            return age * tenths / 1000;
        }
    }
}
