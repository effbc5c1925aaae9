using System.Collections.Immutable;
using SelfHeal.Core;

namespace SelfHeal.Xds.Sessions;

/// <summary>The state of one type on one stream: what the client asks for, was sent, holds and rejected.</summary>
internal sealed class Subscription
{
    public Subscription(string typeUrl, SessionOptions options)
    {
        TypeUrl = typeUrl;
        Quarantine = new ContentQuarantine(options.QuarantineMax);
    }

    public string TypeUrl { get; }

    /// <summary>False until the first request has been read: what it means depends on being the first.</summary>
    public bool IsStarted { get; set; }

    public bool Wildcard { get; set; }

    /// <summary>
    /// Whether the wildcard came from a request without names, which in SotW only lasts as long as none are named.
    /// </summary>
    public bool LegacyWildcard { get; set; }

    /// <summary>Names asked for, without <c>*</c>.</summary>
    public SortedSet<string> Names { get; } = new(StringComparer.Ordinal);

    /// <summary>Names that must be answered even if the client has been sent their content.</summary>
    public SortedSet<string> Forced { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether even an answer without any change must be given.</summary>
    public bool MustAnswer { get; set; }

    /// <summary>The content hash sent last, by name, accepted or not.</summary>
    public Dictionary<string, string> Sent { get; } = new(StringComparer.Ordinal);

    /// <summary>The content hash that the client acknowledged last, by name.</summary>
    public ImmutableSortedDictionary<string, string> Held { get; set; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Names whose removal was in a response that was rejected: the client still has them. They go with the next
    /// response
    /// that says something else, for the same response is never repeated.
    /// </summary>
    public SortedSet<string> RejectedRemovals { get; } = new(StringComparer.Ordinal);

    public ContentQuarantine Quarantine { get; }

    /// <summary>The latest response; null before the first.</summary>
    public SentResponse? Latest { get; set; }

    public SessionEvent.Rejected? LastRejection { get; set; }

    /// <summary>Whether something changed since the last look at whether there is anything to send.</summary>
    public bool Dirty { get; set; }

    public bool IsUnanswered => Latest is { IsAnswered: false };

    /// <summary>Nothing is on its way, nothing is left to send, and the client accepted the latest.</summary>
    public bool IsSettled => !Dirty && Latest is not { IsAnswered: false } and not { IsRejected: true };

    public bool Wants(string name) => Wildcard || Names.Contains(name);

    /// <summary>Forgets what the client had under a name, so that asking again yields a fresh copy.</summary>
    public void Forget(string name)
    {
        Sent.Remove(name);
        Forced.Remove(name);
        Held = Held.Remove(name);
    }

    /// <summary>Forgets what the client no longer asks for.</summary>
    public void ForgetUnwanted()
    {
        foreach (var name in Sent.Keys.Where(name => !Wants(name)).ToArray())
            Forget(name);
        foreach (var name in Held.Keys.Where(name => !Wants(name)).ToArray())
            Forget(name);
        Forced.RemoveWhere(name => !Wants(name));
        RejectedRemovals.RemoveWhere(name => !Wants(name));
    }

    public void OnSent(SentResponse response)
    {
        Invariant.Assert(!IsUnanswered, "one response per type waits for its answer");
        if (!response.Removed.IsEmpty)
        {
            Invariant.Assert(
                !response.Resources
                    .Select(resource => resource.Name).Intersect(response.Removed, StringComparer.Ordinal).Any(),
                "no name is both sent and removed");
        }
        Latest = response;
        MustAnswer = false;
        if (response.FullState)
            Sent.Clear();
        foreach (var (name, contentHash) in response.Resources)
        {
            Sent[name] = contentHash;
            Forced.Remove(name);
            RejectedRemovals.Remove(name);
        }
        foreach (var name in response.Removed)
        {
            RejectedRemovals.Remove(name);
            Sent.Remove(name);
            Forced.Remove(name);
        }
    }

    /// <summary>The client has accepted the latest response: it holds what that carried.</summary>
    public void OnAcknowledged(SentResponse response)
    {
        response.IsAnswered = true;
        LastRejection = null;
        var held = response.FullState ? Held.Clear() : Held.RemoveRange(response.Removed);
        // What was unsubscribed while the response was on its way is not held.
        Held = held.SetItems(response.Resources
            .Where(resource => Wants(resource.Name))
            .Select(resource => KeyValuePair.Create(resource.Name, resource.ContentHash)));
    }

    /// <summary>
    /// The client has rejected the latest response: it keeps what it held, and this never comes again.
    /// </summary>
    public void OnRejected(SentResponse response, SessionEvent.Rejected rejection)
    {
        response.IsAnswered = true;
        response.IsRejected = true;
        LastRejection = rejection;
        RejectedRemovals.UnionWith(response.Removed);
        foreach (var key in response.QuarantineKeys)
            Quarantine.Add(key);
    }

    public SubscriptionStatus Describe() => new(
        TypeUrl, Wildcard, [.. Names], Held, IsUnanswered ? Latest?.Nonce : null, LastRejection);
}
