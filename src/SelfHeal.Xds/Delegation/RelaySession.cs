using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Envoy.Service.Discovery.V3;
using Envoy.Service.Runtime.V3;
using SelfHeal.Core.Remediation;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Overlays;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Delegation;

/// <summary>
/// One relayed ADS stream without its transports: towards the client a server with nonces of its own, towards the
/// upstream a client with the node's name, and between them the overlays. What carries no overlay passes byte for byte.
/// Not thread-safe.
/// </summary>
public sealed class RelaySession
{
    // Contents that overlays made and an answer may still speak of: some per overlay and change of its resource. Beyond
    // it the oldest is forgotten, and if the client rejects just that, the upstream hears of it.
    private const int MadeMax = 1024;

    private readonly AdsSession? _plain;
    private readonly DeltaAdsSession? _delta;
    private readonly SnapshotBuilder _builder;
    private readonly Queue<SessionEvent> _events = new();
    private readonly Queue<OverlayRejection> _rejections = new();

    // Overlays that this client rejected, or that the upstream has overtaken: they stay away for as long as they are in
    // force.
    private readonly HashSet<Overlay> _excluded = [];

    // By type, what the client said of the upstream's own content when it last rejected some.
    private readonly Dictionary<string, Refusal> _refusals = new(StringComparer.Ordinal);

    private readonly Dictionary<(string Type, string Name, string Hash), ImmutableArray<Overlay>> _made = [];
    private readonly Queue<(string Type, string Name, string Hash)> _madeOldestFirst = new();

    // By type and name, the overlays on what was sent last.
    private readonly Dictionary<string, ILookup<string, Overlay>> _sentLaid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ClientContents> _held = new(StringComparer.Ordinal);
    private OverlaysInForce _overlays = OverlaysInForce.None;
    private ValidatedSnapshot? _builtFrom;
    private OverlaysInForce? _builtWith;
    private int _builtWithout;
    private ResourceSet? _layeredFrom;
    private ResourceSet _layered = ResourceSet.Empty(TypeUrl.Runtime);
    private ImmutableArray<string> _layers = [];

    /// <summary>A relay for a stream that has just been opened.</summary>
    /// <param name="options">The client's side.</param>
    /// <param name="isDelta">The variant that the client speaks; the upstream is spoken to in the same.</param>
    /// <param name="builder">Lays overlays on.</param>
    /// <param name="overlays">What is in force from the first response on.</param>
    public RelaySession(SessionOptions options, bool isDelta, SnapshotBuilder builder, OverlaysInForce overlays)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(overlays);
        _builder = builder;
        _overlays = overlays;
        Upstream = new UpstreamSession(isDelta, overlays.Layers);
        var relayed = options with { Relayed = Upstream };
        if (isDelta)
            Client = _delta = new DeltaAdsSession(relayed);
        else
            Client = _plain = new AdsSession(relayed);
        Build();
    }

    /// <summary>The client's side; requests go through this object.</summary>
    public IXdsSession Client { get; }

    /// <summary>The upstream's side; responses go through this object.</summary>
    public UpstreamSession Upstream { get; }

    /// <summary>What the client is to have: the upstream's resources under the overlays.</summary>
    public ValidatedSnapshot Intended { get; private set; } = ValidatedSnapshot.Empty;

    /// <summary>Takes one request of the client, in the state-of-the-world variant.</summary>
    /// <param name="request">As for <see cref="AdsSession.OnRequest"/>.</param>
    public void OnRequest(DiscoveryRequest request)
    {
        if (_plain is null)
            throw new InvalidOperationException("the stream is an incremental one");
        _plain.OnRequest(request);
        Follow();
    }

    /// <summary>Takes one request of the client, in the incremental variant.</summary>
    /// <param name="request">As for <see cref="DeltaAdsSession.OnRequest"/>.</param>
    public void OnRequest(DeltaDiscoveryRequest request)
    {
        if (_delta is null)
            throw new InvalidOperationException("the stream is one of the state of the world");
        _delta.OnRequest(request);
        Follow();
    }

    /// <summary>Takes one response of the upstream.</summary>
    /// <param name="response">Not kept.</param>
    /// <returns>What is wrong with it; empty if it was taken.</returns>
    public string OnResponse(RelayedResponse response)
    {
        var problem = Upstream.OnResponse(response);
        Build();
        return problem;
    }

    /// <inheritdoc cref="OnResponse(RelayedResponse)"/>
    public string OnResponse(RelayedDeltaResponse response)
    {
        var problem = Upstream.OnResponse(response);
        Build();
        return problem;
    }

    /// <summary>Goes on with what is kept of an earlier stream, as no upstream is there.</summary>
    /// <param name="contents">What an upstream gave this node.</param>
    public void Restore(UpstreamContents contents)
    {
        Upstream.Restore(contents);
        Build();
    }

    /// <summary>Other overlays are in force.</summary>
    /// <param name="overlays">All of them.</param>
    public void OnOverlays(OverlaysInForce overlays)
    {
        ArgumentNullException.ThrowIfNull(overlays);
        if (ReferenceEquals(_overlays, overlays))
            return;
        _overlays = overlays;
        _excluded.IntersectWith(overlays.Overlays);
        Build();
    }

    /// <summary>Lets time pass.</summary>
    /// <param name="now">Never earlier than at the last call.</param>
    public void OnTick(ControlTime now)
    {
        Client.OnTick(now);
        Follow();
    }

    /// <summary>Makes the client's next response, if there is one to send now.</summary>
    /// <param name="response">What must be written next.</param>
    public bool TryTakeResponse([NotNullWhen(true)] out XdsResponse? response)
    {
        var isTaken = Client.TryTakeResponse(out response);
        Follow();
        return isTaken;
    }

    /// <summary>
    /// Tells the upstream what became of its responses: to be called when no response to the client is left to take.
    /// </summary>
    public void Settle()
    {
        foreach (var type in Upstream.Undecided)
        {
            if (!Client.IsIdle(type.TypeUrl))
                continue;
            if (_refusals.TryGetValue(type.TypeUrl, out var refusal) && (refusal.IsNews || IsGiven(refusal)))
            {
                refusal.IsNews = false;
                type.Reject(refusal.Status);
                continue;
            }

            _refusals.Remove(type.TypeUrl);
            type.Acknowledge();
        }
    }

    /// <summary>Takes the next thing that the owner should know of the client.</summary>
    /// <param name="sessionEvent">In the order in which they happened.</param>
    public bool TryTakeEvent([NotNullWhen(true)] out SessionEvent? sessionEvent) =>
        _events.TryDequeue(out sessionEvent);

    /// <summary>Takes the next rejection of what overlays made.</summary>
    /// <param name="rejection">What is to be withdrawn everywhere.</param>
    public bool TryTakeRejection([NotNullWhen(true)] out OverlayRejection? rejection) =>
        _rejections.TryDequeue(out rejection);

    private void Follow()
    {
        while (Client.TryTakeEvent(out var happened))
        {
            _events.Enqueue(happened);
            switch (happened)
            {
                case SessionEvent.Subscribed subscribed:
                    if (Client.Node is { } node)
                        Upstream.Identify(node);
                    Upstream.Ask(subscribed);
                    Build();
                    break;
                case SessionEvent.Resumed resumed:
                    Upstream.Resume(resumed);
                    _held[resumed.TypeUrl] = resumed.Held;
                    break;
                case SessionEvent.Sent sent:
                    NoteSent(sent);
                    break;
                case SessionEvent.Acknowledged acknowledged:
                    _held[acknowledged.TypeUrl] = acknowledged.Held;
                    _refusals.Remove(acknowledged.TypeUrl);
                    break;
                case SessionEvent.Rejected rejected:
                    OnRejected(rejected);
                    break;
            }
        }
    }

    /// <summary>An answer may come when the upstream or the overlays have changed: what it answers is noted now.
    /// </summary>
    private void NoteSent(SessionEvent.Sent sent)
    {
        var own = Upstream.Snapshot.Get(sent.TypeUrl);
        _sentLaid[sent.TypeUrl] = (_made.Count == 0 ? [] : sent.Resources)
            .Where(resource => own.Find(resource.Name)?.ContentHash != resource.ContentHash)
            .SelectMany(resource => _made.GetValueOrDefault(KeyOf(resource), []))
            .ToLookup(static overlay => overlay.Resource, StringComparer.Ordinal);
    }

    /// <summary>Also what is intended no more may be sent yet: a cluster that is kept until its routes let go of it.
    /// </summary>
    private void NoteMade(ImmutableArray<Overlay> laid)
    {
        foreach (var overlays in laid.GroupBy(
            static overlay => (Type: OverlayTranslator.TypeOf(overlay.Carrier), overlay.Resource)))
        {
            var (type, name) = overlays.Key;
            if (Intended.Get(type).Find(name) is not { } resource
                || Upstream.Snapshot.Get(type).Find(name)?.ContentHash == resource.ContentHash)
                continue;
            if (_made.TryAdd(KeyOf(resource), []))
                _madeOldestFirst.Enqueue(KeyOf(resource));
            _made[KeyOf(resource)] = [.. overlays];
        }

        while (_made.Count > MadeMax)
            _made.Remove(_madeOldestFirst.Dequeue());
    }

    private static (string Type, string Name, string Hash) KeyOf(XdsResource resource) =>
        (resource.TypeUrl, resource.Name, resource.ContentHash);

    /// <summary>
    /// What carries an overlay that the client has not accepted before is ours to take back, and the upstream hears
    /// only what the client says of its own content.
    /// </summary>
    private void OnRejected(SessionEvent.Rejected rejected)
    {
        var ours = _sentLaid[rejected.TypeUrl];
        var suspects = rejected.Resources
            .Where(each => ours.Contains(each.Name) && !Holds(each.TypeUrl, each.Name, each.ContentHash)).ToList();
        // With nothing of the upstream's own in it, there is nothing else to blame.
        if (!rejected.Resources.IsEmpty && rejected.Resources.All(each => ours.Contains(each.Name)))
            suspects = [.. rejected.Resources];
        if (suspects.Count == 0)
        {
            var status = new Google.Rpc.Status { Code = rejected.Code, Message = rejected.Message };
            _refusals[rejected.TypeUrl] = new Refusal(status, rejected.Resources);
            return;
        }

        foreach (var resource in suspects)
        {
            var overlays = ours[resource.Name]
                .Where(overlay => _overlays.Overlays.Contains(overlay) && _excluded.Add(overlay)).ToList();
            if (overlays.Count == 0)
                continue; // Withdrawn meanwhile.
            _rejections.Enqueue(new OverlayRejection(
                resource.TypeUrl, resource.Name, [.. overlays.Select(static overlay => overlay.Id)], rejected.Message));
        }

        // Whether it accepts the upstream's own beside them is not known yet; and another overlay may make the same.
        var doubtful = rejected.Resources
            .Where(each => ours.Contains(each.Name) || !Holds(each.TypeUrl, each.Name, each.ContentHash))
            .Select(static each => each.Name).ToList();
        _plain?.Repeat(rejected.TypeUrl, doubtful);
        _delta?.Repeat(rejected.TypeUrl, doubtful);
        Build();
    }

    /// <summary>Whether the upstream still gives something of what was rejected.</summary>
    private bool IsGiven(Refusal refusal) => refusal.Resources.Any(
        each => Upstream.Snapshot.Get(each.TypeUrl).Find(each.Name)?.ContentHash == each.ContentHash);

    private bool Holds(string typeUrl, string name, string contentHash) =>
        _held.TryGetValue(typeUrl, out var held) && held.FindHash(name) == contentHash;

    private void Build()
    {
        if (!ReferenceEquals(_builtFrom, Upstream.Snapshot) || !ReferenceEquals(_builtWith, _overlays)
            || _builtWithout != _excluded.Count)
            Lay();
        (_builtFrom, _builtWith, _builtWithout) = (Upstream.Snapshot, _overlays, _excluded.Count);
        // Even if nothing changed: the upstream may have said that a name does not exist.
        Client.OnSnapshot(Intended);
    }

    private void Lay()
    {
        var overlays = _overlays.Overlays.RemoveAll(_excluded.Contains);
        if (overlays.IsEmpty)
        {
            // The common case, and on the way of every response: nothing of what is given is looked at.
            Intended = Upstream.Snapshot.WithSet(WithLayers(Upstream.Snapshot.Get(TypeUrl.Runtime)));
            return;
        }

        var build = _builder.Build(Upstream.Snapshot, overlays, _overlays.Layers, _overlays.Bases);
        foreach (var error in build.Refused.Where(static error => error.IsSourceChanged))
            _excluded.UnionWith(overlays.Where(overlay => overlay.Id == error.OverlayId));
        Intended = build.Snapshot.Reuse(Intended);
        NoteMade(build.Laid);
    }

    /// <summary>The upstream's runtime layers and ours that it does not have, which are empty.</summary>
    private ResourceSet WithLayers(ResourceSet given)
    {
        if (!ReferenceEquals(given, _layeredFrom) || _layers != _overlays.Layers)
        {
            (_layeredFrom, _layers) = (given, _overlays.Layers);
            _layered = given.With([.. _layers.Where(layer => given.Find(layer) is null)
                .Order(StringComparer.Ordinal)
                .Select(static layer => XdsResource.FromMessage(new Runtime { Name = layer }))]);
        }

        return _layered;
    }

    /// <summary>The client's words on the upstream's own content.</summary>
    private sealed record Refusal(Google.Rpc.Status Status, ImmutableArray<XdsResource> Resources)
    {
        /// <summary>The upstream has not heard it.</summary>
        public bool IsNews { get; set; } = true;
    }
}
