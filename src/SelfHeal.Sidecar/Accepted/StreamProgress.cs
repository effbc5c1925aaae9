using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Accepted;

/// <summary>
/// Whether one stream has acknowledged all that it subscribes to, as it is served: nothing is on its way, and nothing
/// that it rejected is still meant to be served. Folded from its session's events.
/// </summary>
internal sealed class StreamProgress
{
    private readonly HashSet<string> _unanswered = new(StringComparer.Ordinal);
    private readonly HashSet<string> _wildcards = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ClientContents?> _deviating = new(StringComparer.Ordinal);
    private bool _isSubscribed;

    /// <summary>Takes one event.</summary>
    /// <param name="happened">What happened.</param>
    public void Apply(SessionEvent happened)
    {
        switch (happened)
        {
            case SessionEvent.Subscribed subscribed:
                _isSubscribed = true;
                if (subscribed.Wildcard)
                    _wildcards.Add(subscribed.TypeUrl);
                else
                    _wildcards.Remove(subscribed.TypeUrl);
                break;
            case SessionEvent.Sent sent:
                _unanswered.Add(sent.TypeUrl);
                break;
            case SessionEvent.Rejected rejected:
                _unanswered.Remove(rejected.TypeUrl);
                _deviating[rejected.TypeUrl] = null;
                break;
            case SessionEvent.Acknowledged acknowledged:
                _unanswered.Remove(acknowledged.TypeUrl);
                if (_deviating.ContainsKey(acknowledged.TypeUrl))
                    _deviating[acknowledged.TypeUrl] = acknowledged.Held;
                break;
        }
    }

    /// <summary>
    /// Whether it has acknowledged all of what is served; asked when the session has nothing to send.
    /// </summary>
    /// <param name="served">What its session was given.</param>
    public bool IsSettled(ValidatedSnapshot served)
    {
        if (!_isSubscribed || _unanswered.Count > 0)
            return false;
        foreach (var (typeUrl, held) in _deviating)
        {
            if (!Matches(served.Get(typeUrl), held))
                return false;
        }

        _deviating.Clear();
        return true;
    }

    private bool Matches(ResourceSet served, ClientContents? held) => held is not null && served.Resources.All(
        resource => held.FindHash(resource.Name) is { } hash
            ? hash == resource.ContentHash
            : !_wildcards.Contains(served.TypeUrl));
}
