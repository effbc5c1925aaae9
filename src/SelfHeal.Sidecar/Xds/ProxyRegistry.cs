using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Control;
using SelfHeal.Core.Records;
using SelfHeal.Core.Remediation;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Xds.Proxies;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// What every proxy subscribes to, holds and rejects. It tells the control loop how proxies stand towards each route
/// configuration, and of every NACK of a route that carries an overlay.
/// </summary>
internal sealed partial class ProxyRegistry
{
    // Contents of routes that carried overlays; a handful per incident. The oldest is forgotten: an ACK of it, should
    // one still come, then proves nothing, and a later NACK may blame an overlay too many.
    private const int CarriedLimit = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Route, string ContentHash), ImmutableArray<string>> _carried = [];
    private readonly Queue<(string Route, string ContentHash)> _carriedOrder = new();
    private readonly SortedDictionary<long, ProxyStream> _streams = [];
    private readonly Dictionary<string, List<ProxyStream>> _byNode = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Resources, bool IsRejected)> _drifts = new(StringComparer.Ordinal);
    private readonly RouteTally _tally = new();
    private readonly Dictionary<string, ControlEvent.RouteHeld> _reported = new(StringComparer.Ordinal);
    private readonly HashSet<string> _proven;
    private readonly ControlInbox _inbox;
    private readonly ILogger<ProxyRegistry> _logger;
    private readonly XdsMeter _meter;
    private readonly TimeProvider _time;
    private readonly long _start;
    private ServedConfiguration? _served;

    public ProxyRegistry(
        ProcessIdentity identity,
        Restored restored,
        ControlInbox inbox,
        IMeterFactory meters,
        TimeProvider time,
        ILogger<ProxyRegistry> logger)
    {
        ProcessId = identity.Id;
        _proven = restored.Records
            .Where(static r => r.Type is RecordType.Executed or RecordType.Resumed)
            .Select(static r => r.Execution?.Overlay.Id)
            .OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
        _inbox = inbox;
        _logger = logger;
        _time = time;
        _start = time.GetTimestamp();
        _meter = new XdsMeter(meters, Count);
    }

    /// <summary>Names this process to proxies.</summary>
    public string ProcessId { get; }

    /// <summary>Every open stream, by node and then by age.</summary>
    public ImmutableArray<ProxyStatus> Proxies
    {
        get
        {
            lock (_lock)
            {
                return [.. _streams.Values
                    .Where(static s => s.Node.Length > 0)
                    .OrderBy(static s => s.Node, StringComparer.Ordinal)
                    .Select(static s => s.Describe())];
            }
        }
    }

    private ProxyMoment Now => new(_time.GetUtcNow(), _time.GetElapsedTime(_start));

    /// <summary>How the open streams of a proxy stand, the oldest first; none where it is not connected.</summary>
    /// <param name="node">The proxy.</param>
    public ImmutableArray<ProxyView> Find(string node)
    {
        lock (_lock)
            return [.. _byNode.GetValueOrDefault(node, []).Select(static s => s.View())];
    }

    /// <summary>The proxies that are connected, sorted by name.</summary>
    public ImmutableArray<string> Nodes
    {
        get
        {
            lock (_lock)
                return [.. _byNode.Keys.Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Tells the control loop of every proxy that has drifted from what is intended for it, or is back.
    /// </summary>
    /// <param name="bound">How long a difference may last before it counts.</param>
    public void ReportDrift(TimeSpan bound)
    {
        // The lock is the one that ACKs take: a comparison costs as much as a type has resources, and a push to a
        // thousand proxies makes a thousand of them due at once. The rest is compared at the next looks.
        var budget = 20;
        lock (_lock)
        {
            foreach (var (node, streams) in _byNode)
            {
                var (resources, isRejected) = (0, false);
                foreach (var stream in streams)
                {
                    var drift = stream.Drift(Now, bound, ref budget);
                    resources += drift.Resources;
                    isRejected |= drift.IsRejected;
                }

                if (_drifts.GetValueOrDefault(node) == (resources, isRejected))
                    continue;
                if (resources > 0)
                {
                    _drifts[node] = (resources, isRejected);
                    LogDrifted(_logger, node, resources, isRejected);
                }
                else
                {
                    _drifts.Remove(node);
                    LogDriftEnded(_logger, node);
                }

                _inbox.Post(new ControlEvent.ProxyDrifted(node, resources, isRejected));
            }
        }
    }

    /// <summary>A response has been encoded and is about to be written.</summary>
    /// <param name="response">The response.</param>
    public void OnEncoded(XdsResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        _meter.Encoded(response.TypeUrl, response.ByteCount);
    }

    /// <summary>Whether a proxy has accepted what an overlay made: then it is not the reason of a rejection.
    /// </summary>
    /// <param name="overlayId">The overlay.</param>
    public bool IsProven(string overlayId)
    {
        lock (_lock)
            return _proven.Contains(overlayId);
    }

    /// <summary>Something else is being served from now on.</summary>
    /// <param name="served">What.</param>
    public void OnServed(ServedConfiguration served)
    {
        lock (_lock)
        {
            _served = served;
            RememberOverlays(served);
            _tally.Serve(served);
            foreach (var node in _byNode.Keys)
                _tally.Update(node, CarriersOfRoutes(node));
            ReportRoutes();
        }
    }

    /// <summary>A stream opened; nobody knows yet whose it is.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="source">Where it can be asked; null in tests of the registry alone.</param>
    public void OnOpened(long stream, ProxyStreamKind kind, IServedStream? source = null)
    {
        lock (_lock)
            Open(stream, kind, source);
    }

    /// <summary>A stream's client belongs to a group.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="group">The group.</param>
    public void OnJoined(long stream, string group)
    {
        lock (_lock)
        {
            if (_streams.TryGetValue(stream, out var proxy))
                proxy.Group = group;
        }
    }

    /// <summary>Something happened on a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="node">The proxy; empty before its first request.</param>
    /// <param name="happened">What.</param>
    public void OnEvent(long stream, string node, SessionEvent happened)
    {
        lock (_lock)
        {
            if (!_streams.TryGetValue(stream, out var proxy))
                proxy = Open(stream, ProxyStreamKind.Aggregated, source: null);
            var isNew = proxy.Node.Length == 0;
            _meter.On(happened, proxy.Apply(node, happened, Now));
            if (isNew)
                Connect(proxy);
            switch (happened)
            {
                case SessionEvent.Acknowledged acknowledged:
                    Prove(acknowledged.TypeUrl, acknowledged.Held);
                    LogAcknowledged(
                        _logger,
                        IsAboutRoutes(acknowledged) ? LogLevel.Information : LogLevel.Debug,
                        node,
                        TypeUrl.FullName(acknowledged.TypeUrl),
                        acknowledged.Version);
                    break;
                case SessionEvent.Resumed resumed:
                    Prove(resumed.TypeUrl, resumed.Held);
                    break;
                case SessionEvent.Rejected rejected:
                    LogRejected(_logger, node, TypeUrl.FullName(rejected.TypeUrl), rejected.Version, rejected.Message);
                    ReportRejection(node, rejected);
                    break;
                case SessionEvent.ProtocolError error:
                    LogProtocolError(_logger, node, error.Status, error.Message);
                    break;
                case SessionEvent.WaitExpired expired:
                    LogWaitExpired(_logger, node, TypeUrl.FullName(expired.TypeUrl));
                    break;
            }

            // Only routes carry overlays: the other types' answers say nothing new about them. A new stream does,
            // whatever it asks for first: what an older one of its node held no longer counts.
            if (isNew || IsAboutRoutes(happened))
                ReportRoutes(proxy.Node);
        }
    }

    /// <summary>A stream ended.</summary>
    /// <param name="stream">The stream.</param>
    public void OnClosed(long stream)
    {
        lock (_lock)
        {
            if (!_streams.Remove(stream, out var proxy))
                return;
            Disconnect(proxy);
            ReportRoutes(proxy.Node);
        }
    }

    private ProxyStream Open(long stream, ProxyStreamKind kind, IServedStream? source)
    {
        var opened = new ProxyStream("", kind) { Id = stream, Source = source, OpenedAt = _time.GetUtcNow() };
        _streams.Add(stream, opened);
        return opened;
    }

    private XdsTally Count()
    {
        var subscriptions = new Dictionary<(string Type, string Variant), int>();
        var resources = new Dictionary<string, long>(StringComparer.Ordinal);
        lock (_lock)
        {
            foreach (var stream in _streams.Values)
                stream.CountInto(subscriptions, resources);
            var outOfSync = _byNode.Values.Count(static streams => streams.Exists(static s => s.IsOutOfSync));
            return new XdsTally(_streams.Count, subscriptions, resources, outOfSync);
        }
    }

    private void Connect(ProxyStream proxy)
    {
        if (proxy.Node.Length == 0)
            return;
        if (_byNode.TryGetValue(proxy.Node, out var streams))
        {
            streams.Add(proxy);
            return;
        }

        _byNode.Add(proxy.Node, [proxy]);
        _inbox.Post(new ControlEvent.ProxyConnected(proxy.Node));
    }

    private void Disconnect(ProxyStream proxy)
    {
        if (proxy.Node.Length == 0)
            return;
        var streams = _byNode[proxy.Node];
        streams.Remove(proxy);
        if (streams.Count > 0)
            return;
        _byNode.Remove(proxy.Node);
        _drifts.Remove(proxy.Node);
        _inbox.Post(new ControlEvent.ProxyDisconnected(proxy.Node));
    }

    private static bool IsAboutRoutes(SessionEvent happened) => happened switch
    {
        SessionEvent.Acknowledged acknowledged => acknowledged.TypeUrl == TypeUrl.RouteConfiguration,
        SessionEvent.Resumed resumed => resumed.TypeUrl == TypeUrl.RouteConfiguration,
        SessionEvent.Subscribed subscribed => subscribed.TypeUrl == TypeUrl.RouteConfiguration,
        _ => false,
    };

    private void ReportRoutes(string node)
    {
        if (_tally.Update(node, CarriersOfRoutes(node)))
            ReportRoutes();
    }

    /// <summary>A proxy's streams that carry routes, the newest first.</summary>
    private List<ProxyStream> CarriersOfRoutes(string node)
    {
        var carriers = _byNode.GetValueOrDefault(node, []).FindAll(static s => s.Carries(TypeUrl.RouteConfiguration));
        carriers.Reverse();
        return carriers;
    }

    private void ReportRoutes()
    {
        if (_served is null)
            return;
        for (var index = 0; index < _tally.Routes.Length; index++)
        {
            var route = _tally.Routes[index];
            var held = new ControlEvent.RouteHeld(
                route.Name,
                _tally.Subscribed(index),
                _tally.Holding(index),
                route.ContentHash,
                _served.SourceHash(route.Name),
                _served.OverlaysIn(route.Name));
            if (_reported.TryGetValue(route.Name, out var before) && IsSame(before, held))
                continue;
            _reported[route.Name] = held;
            _inbox.Post(held);
        }
    }

    private void RememberOverlays(ServedConfiguration served)
    {
        foreach (var route in served.Routes)
        {
            var overlays = served.OverlaysIn(route.Name);
            if (overlays.IsEmpty)
                continue;
            var key = (route.Name, route.ContentHash);
            if (!_carried.ContainsKey(key))
            {
                if (_carriedOrder.Count == CarriedLimit)
                    _carried.Remove(_carriedOrder.Dequeue());
                _carriedOrder.Enqueue(key);
            }

            _carried[key] = overlays;
        }
    }

    /// <summary>A proxy has accepted this content, which need not be what is served by now.</summary>
    private void Prove(string typeUrl, ClientContents held)
    {
        if (typeUrl != TypeUrl.RouteConfiguration)
            return;
        foreach (var (route, contentHash) in held.Versions)
            _proven.UnionWith(_carried.GetValueOrDefault((route, contentHash), []));
    }

    private static bool IsSame(ControlEvent.RouteHeld a, ControlEvent.RouteHeld b) =>
        a.Subscribed == b.Subscribed
        && a.Holding == b.Holding
        && a.ContentHash == b.ContentHash
        && a.SourceHash == b.SourceHash
        && a.Overlays.SequenceEqual(b.Overlays, StringComparer.Ordinal);

    /// <summary>
    /// A NACK names no culprit. An overlay that some proxy has accepted before is not it: what is new beside it is, and
    /// where nothing of ours is new it is the source's own content, which is the operator's to mend.
    /// </summary>
    private void ReportRejection(string node, SessionEvent.Rejected rejected)
    {
        if (_served is null || rejected.TypeUrl != TypeUrl.RouteConfiguration)
            return;
        foreach (var resource in rejected.Resources)
        {
            // Only what is still being served can be ours to take back; an older push was superseded.
            var route = _served.Routes.FirstOrDefault(
                r => r.Name == resource.Name && r.ContentHash == resource.ContentHash);
            if (route is null)
                continue;
            foreach (var overlay in _served.OverlaysIn(route.Name).Where(id => !_proven.Contains(id)))
            {
                _inbox.Post(new ControlEvent.OverlayRejected(
                    new RouteRejection(overlay, node, rejected.Version, rejected.Message)));
            }
        }
    }
}
