using System.Diagnostics.CodeAnalysis;
using Envoy.Config.Core.V3;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Sessions;

/// <summary>
/// One stream of xDS, whichever variant of the protocol it speaks, without its transport: events in, responses out,
/// never waiting. After each event the owner takes responses while it can write, then events. Not thread-safe.
/// </summary>
public interface IXdsSession
{
    /// <summary>Why the stream must end; null while it lives. After it nothing is answered.</summary>
    SessionEvent.ProtocolError? End { get; }

    /// <summary>The client's node id; null before the first request.</summary>
    string? NodeId { get; }

    /// <summary>The client as it described itself; null before the first request.</summary>
    Node? Node { get; }

    /// <summary>
    /// Tells what this node or its group accepted last, on earlier streams or before a restart: what a NACK falls back
    /// to as long as the client has accepted nothing on this stream.
    /// </summary>
    /// <param name="lastAccepted">
    /// Told once the node is known and before the first response is taken; later ones replace it.
    /// </param>
    void Recall(ValidatedSnapshot lastAccepted);

    /// <summary>Intends another snapshot; the differences are sent in make-before-break order.</summary>
    /// <param name="snapshot">What is to be served from now on.</param>
    void OnSnapshot(ValidatedSnapshot snapshot);

    /// <summary>Lets time pass; waits that took too long end here.</summary>
    /// <param name="now">Never earlier than at the last call.</param>
    void OnTick(ControlTime now);

    /// <summary>
    /// Makes the next response, if there is one to send now. Made when it is taken and not before, so a slow reader
    /// gets
    /// the newest content, and never what it no longer subscribes to.
    /// </summary>
    /// <param name="response">What must be written next.</param>
    bool TryTakeResponse([NotNullWhen(true)] out XdsResponse? response);

    /// <summary>Takes the next thing that the owner should know.</summary>
    /// <param name="sessionEvent">In the order in which they happened.</param>
    bool TryTakeEvent([NotNullWhen(true)] out SessionEvent? sessionEvent);

    /// <summary>Whether nothing of a type is left to send and nothing waits for an answer.</summary>
    /// <param name="typeUrl">The type; one that the client did not ask for is idle.</param>
    bool IsIdle(string typeUrl);

    /// <summary>What the client holds and rejected, by type in send order.</summary>
    IReadOnlyList<SubscriptionStatus> DescribeSubscriptions();
}
