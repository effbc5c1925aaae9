using System.Collections.Immutable;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Sessions;

/// <summary>What happened on a stream. A closed set.</summary>
public abstract record SessionEvent
{
    private SessionEvent()
    {
    }

    /// <summary>The client's interest in a type began or changed.</summary>
    /// <param name="NodeId">The client.</param>
    /// <param name="TypeUrl">The type.</param>
    /// <param name="Added">Names that it asks for now and may have, sorted.</param>
    /// <param name="Removed">Names that it no longer asks for, sorted.</param>
    /// <param name="Wildcard">Whether it asks for every resource of the type.</param>
    public sealed record Subscribed(
        string NodeId, string TypeUrl, ImmutableArray<string> Added, ImmutableArray<string> Removed, bool Wildcard)
        : SessionEvent;

    /// <summary>A response was taken to be written. Sent is not held: only an ACK says that.</summary>
    /// <param name="TypeUrl">The type.</param>
    /// <param name="Version">Of the response.</param>
    /// <param name="Nonce">Of the response.</param>
    /// <param name="Resources">What it carried, sorted by name; where it is a whole set, the set's own array.</param>
    /// <param name="Removed">The names that it removed; delta only.</param>
    public sealed record Sent(
        string TypeUrl,
        string Version,
        string Nonce,
        ImmutableArray<XdsResource> Resources,
        ImmutableArray<string> Removed)
        : SessionEvent;

    /// <summary>The client accepted a response (ACK). It does not say that anything is warm.</summary>
    /// <param name="TypeUrl">The type.</param>
    /// <param name="Version">Of the response.</param>
    /// <param name="Nonce">Of the response.</param>
    /// <param name="Held">All that the client holds of this type now.</param>
    public sealed record Acknowledged(string TypeUrl, string Version, string Nonce, ClientContents Held)
        : SessionEvent;

    /// <summary>The client said at the start of a type what it holds from an earlier stream (delta).</summary>
    /// <param name="TypeUrl">The type.</param>
    /// <param name="Held">What it holds of the names that it still asks for.</param>
    public sealed record Resumed(string TypeUrl, ClientContents Held) : SessionEvent;

    /// <summary>The client rejected a response (NACK). What it carried is never sent again on this stream.</summary>
    /// <param name="TypeUrl">The type.</param>
    /// <param name="Version">Of the response.</param>
    /// <param name="Nonce">Of the response.</param>
    /// <param name="Code">The gRPC status code of <c>error_detail</c>.</param>
    /// <param name="Message">The client's own words, cut at a limit; free text, to be shown, not to be parsed.</param>
    /// <param name="Resources">What the response carried, sorted by name; any of it may be the reason.</param>
    public sealed record Rejected(
        string TypeUrl,
        string Version,
        string Nonce,
        int Code,
        string Message,
        ImmutableArray<XdsResource> Resources)
        : SessionEvent;

    /// <summary>
    /// After a NACK a response was taken that carries what the client accepted last in place of what it rejected.
    /// </summary>
    /// <param name="TypeUrl">The type.</param>
    /// <param name="Version">Of the response.</param>
    /// <param name="Nonce">Of the response.</param>
    public sealed record FellBack(string TypeUrl, string Version, string Nonce) : SessionEvent;

    /// <summary>
    /// The one content was found that the client rejects. It is never sent again on this stream; all others are.
    /// </summary>
    /// <param name="TypeUrl">The type.</param>
    /// <param name="Name">The resource.</param>
    /// <param name="ContentHash">Its content.</param>
    /// <param name="Message">What the client said when it rejected it, cut at a limit.</param>
    /// <param name="Pushes">How many responses it took after the first NACK; none if that named one content.</param>
    public sealed record Isolated(string TypeUrl, string Name, string ContentHash, string Message, int Pushes)
        : SessionEvent;

    /// <summary>
    /// A request answered a response that is not the latest of its type; only its subscription counts.
    /// </summary>
    /// <param name="TypeUrl">The type.</param>
    /// <param name="Nonce">Of the request.</param>
    /// <param name="LatestNonce">Of the latest response; empty if there was none.</param>
    public sealed record Stale(string TypeUrl, string Nonce, string LatestNonce) : SessionEvent;

    /// <summary>
    /// Routes or listeners no longer wait for clusters, or clusters for routes: the client took too long.
    /// </summary>
    /// <param name="TypeUrl">The type whose answer did not come.</param>
    public sealed record WaitExpired(string TypeUrl) : SessionEvent;

    /// <summary>The stream must end with this status.</summary>
    /// <param name="Status">The gRPC status.</param>
    /// <param name="Message">For the client.</param>
    public sealed record ProtocolError(StreamStatus Status, string Message) : SessionEvent;
}
