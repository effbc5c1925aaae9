using System.Collections.Immutable;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds.Proxies;

/// <summary>How one type stands on one stream, folded from the session's events.</summary>
internal sealed class ProxyTypeState
{
    private const string NotSent = "not_sent";

    // Sorted: a thousand names take 8 kB, and as a hash table four times as much on every stream.
    private ImmutableArray<string> _names = [];
    private ImmutableArray<XdsResource> _pending = [];
    private ProxyMoment _updated;
    private ProxyMoment _sent;
    private string _heldVersion = "";
    private ResourceSet? _comparedSet;
    private ClientContents? _comparedHeld;
    private TimeSpan? _unequalSince;
    private int _differing;
    private string _state = NotSent;

    public bool Wildcard { get; set; }

    public ClientContents? Held { get; set; }

    public ProxyRejection? Rejection { get; set; }

    public string Version { get; private set; } = "";

    /// <summary>
    /// A proxy that has accepted what it fell back to is no better off: it rejects what is intended for it. One that
    /// came with what an earlier stream gave it needs to be sent nothing, if that is what is intended.
    /// </summary>
    public string StateOf(ValidatedSnapshot? intended)
    {
        if (intended is not null && Rejection?.Standing(Held, intended).Any() == true)
            return "error";
        if (intended is null || _state is not NotSent || Held is not { } held)
            return _state;
        var set = intended.Get(held.TypeUrl);
        if (!ReferenceEquals(set, _comparedSet) || !ReferenceEquals(held, _comparedHeld))
        {
            _differing = ResourceDifference.Of(View(held.TypeUrl, _state), intended).Count();
            (_comparedSet, _comparedHeld) = (set, held);
        }

        return _differing == 0 ? "synced" : "stale";
    }

    /// <summary>How many names it asks for.</summary>
    public int Count => _names.Length;

    public bool Asks(string name) => _names.BinarySearch(name, StringComparer.Ordinal) >= 0;

    /// <summary>Both are sorted.</summary>
    public void Change(ImmutableArray<string> added, ImmutableArray<string> removed)
    {
        if (_names.IsEmpty && removed.IsEmpty)
        {
            _names = added;
            return;
        }

        var names = new SortedSet<string>(_names, StringComparer.Ordinal);
        names.ExceptWith(removed);
        names.UnionWith(added);
        _names = [.. names];
    }

    public void OnSent(SessionEvent.Sent sent, ProxyMoment now)
    {
        Set(sent.Version, "stale", now);
        _pending = sent.Resources;
        _sent = now;
    }

    public TimeSpan OnAcknowledged(SessionEvent.Acknowledged acknowledged, ProxyMoment now)
    {
        Set(acknowledged.Version, "synced", now);
        _heldVersion = acknowledged.Version;
        Held = acknowledged.Held;
        return now.Since(_sent);
    }

    public TimeSpan OnRejected(ProxyRejection rejection, ProxyMoment now)
    {
        Set(rejection.Version, "error", now);
        Rejection = rejection;
        return now.Since(_sent);
    }

    public ProxyTypeView View(string typeUrl, ValidatedSnapshot? intended) => View(typeUrl, StateOf(intended));

    /// <summary>
    /// Two references say that nothing has changed since the last comparison, which is how it mostly is. Otherwise
    /// the proxy has its time to answer, unless it had drifted already: then it is seen at once when it is back.
    /// </summary>
    public int Drift(
        string typeUrl,
        bool isDelta,
        ValidatedSnapshot intended,
        ProxyMoment now,
        TimeSpan bound,
        ref int budget)
    {
        var set = intended.Get(typeUrl);
        if (ReferenceEquals(set, _comparedSet) && ReferenceEquals(Held, _comparedHeld))
            return _differing;
        _unequalSince ??= now.Elapsed;
        if (budget == 0 || (_differing == 0 && now.Elapsed - _unequalSince < bound))
            return _differing;
        budget--;

        // In state of the world only these types can be told that something is gone.
        var tellsRemoval = isDelta
            || typeUrl is TypeUrl.Cluster or TypeUrl.Listener or TypeUrl.ScopedRouteConfiguration;
        _differing = ResourceDifference.Of(View(typeUrl, intended), intended)
            .Count(d => tellsRemoval || d.IntendedHash is not null);
        (_comparedSet, _comparedHeld, _unequalSince) = (set, Held, null);
        return _differing;
    }

    private ProxyTypeView View(string typeUrl, string state) => new(
        typeUrl,
        Wildcard,
        _names,
        state,
        Version,
        _heldVersion,
        Held,
        _pending,
        Rejection,
        _updated.Time);

    private void Set(string version, string state, ProxyMoment now)
    {
        Version = version;
        _state = state;
        _pending = [];
        _updated = now;
    }
}
