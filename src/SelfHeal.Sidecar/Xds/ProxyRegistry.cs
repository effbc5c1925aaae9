using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Control;
using SelfHeal.Core.Records;
using SelfHeal.Core.Remediation;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Judgement;
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
    private readonly Dictionary<string, int> _connected = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ControlEvent.RouteHeld> _reported = new(StringComparer.Ordinal);
    private readonly HashSet<string> _proven;
    private readonly ControlInbox _inbox;
    private readonly ILogger<ProxyRegistry> _logger;
    private readonly Counter<long> _acknowledged;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _sent;
    private ServedConfiguration? _served;

    public ProxyRegistry(
        ProcessIdentity identity,
        Restored restored,
        ControlInbox inbox,
        IMeterFactory meters,
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
        var meter = meters.Create("SelfHeal.Xds");
        _sent = meter.CreateCounter<long>("selfheal.xds.responses", description: "xDS responses sent");
        _acknowledged = meter.CreateCounter<long>("selfheal.xds.acks", description: "xDS responses that were accepted");
        _rejected = meter.CreateCounter<long>("selfheal.xds.nacks", description: "xDS responses that were rejected");
        meter.CreateObservableGauge("selfheal.xds.streams", CountStreams, description: "Open xDS streams");
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

    /// <summary>Something else is being served from now on.</summary>
    /// <param name="served">What.</param>
    public void OnServed(ServedConfiguration served)
    {
        lock (_lock)
        {
            _served = served;
            RememberOverlays(served);
            ReportRoutes();
        }
    }

    /// <summary>A stream opened; nobody knows yet whose it is.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="kind">What it is.</param>
    public void OnOpened(long stream, ProxyStreamKind kind)
    {
        lock (_lock)
            _streams.Add(stream, new ProxyStream("", kind));
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
                _streams.Add(stream, proxy = new ProxyStream("", ProxyStreamKind.Aggregated));
            var isNew = proxy.Node.Length == 0;
            proxy.Apply(node, happened);
            if (isNew)
                Connect(proxy.Node);
            switch (happened)
            {
                case SessionEvent.Sent sent:
                    _sent.Add(1, Tag(sent.TypeUrl));
                    break;
                case SessionEvent.Acknowledged acknowledged:
                    _acknowledged.Add(1, Tag(acknowledged.TypeUrl));
                    Prove(acknowledged.TypeUrl, acknowledged.Held);
                    LogAcknowledged(_logger, node, TypeUrl.FullName(acknowledged.TypeUrl), acknowledged.Version);
                    break;
                case SessionEvent.Resumed resumed:
                    Prove(resumed.TypeUrl, resumed.Held);
                    break;
                case SessionEvent.Rejected rejected:
                    _rejected.Add(1, Tag(rejected.TypeUrl));
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
                ReportRoutes();
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
            Disconnect(proxy.Node);
            ReportRoutes();
        }
    }

    private static KeyValuePair<string, object?> Tag(string typeUrl) => new("type", TypeUrl.FullName(typeUrl));

    private int CountStreams()
    {
        lock (_lock)
            return _streams.Count;
    }

    private void Connect(string node)
    {
        if (node.Length == 0)
            return;
        var streams = _connected.GetValueOrDefault(node) + 1;
        _connected[node] = streams;
        if (streams == 1)
            _inbox.Post(new ControlEvent.ProxyConnected(node));
    }

    private void Disconnect(string node)
    {
        if (node.Length == 0)
            return;
        var streams = _connected[node] - 1;
        _connected[node] = streams;
        if (streams > 0)
            return;
        _connected.Remove(node);
        _inbox.Post(new ControlEvent.ProxyDisconnected(node));
    }

    private static bool IsAboutRoutes(SessionEvent happened) => happened switch
    {
        SessionEvent.Acknowledged acknowledged => acknowledged.TypeUrl == TypeUrl.RouteConfiguration,
        SessionEvent.Resumed resumed => resumed.TypeUrl == TypeUrl.RouteConfiguration,
        SessionEvent.Subscribed subscribed => subscribed.TypeUrl == TypeUrl.RouteConfiguration,
        _ => false,
    };

    private void ReportRoutes()
    {
        if (_served is null)
            return;

        var byNode = _streams.Values
            .Where(static s => s.Node.Length > 0 && s.Carries(TypeUrl.RouteConfiguration))
            .GroupBy(static s => s.Node, StringComparer.Ordinal)
            .Select(static g => g.Reverse().ToList())
            .ToList();
        foreach (var route in _served.Routes)
        {
            var subscribed = byNode.Select(s => Deciding(s, route.Name)).OfType<ProxyStream>().ToList();
            var holding = subscribed.Count(s => s.Holds(TypeUrl.RouteConfiguration, route.Name, route.ContentHash));
            var overlays = _served.OverlaysIn(route.Name);
            var held = new ControlEvent.RouteHeld(
                route.Name,
                subscribed.Count,
                holding,
                route.ContentHash,
                _served.SourceHash(route.Name),
                overlays);
            if (_reported.TryGetValue(route.Name, out var before) && IsSame(before, held))
                continue;
            _reported[route.Name] = held;
            _inbox.Post(held);
        }
    }

    /// <summary>
    /// The stream that says how a proxy stands towards a route; null when it does not ask for it. A proxy that
    /// reconnected may have left a stream behind that nobody has noticed to be dead: the newest counts. On services of
    /// one type, a proxy has a stream for each name (XP "Requesting multiple resources"): the newest of that name does.
    /// </summary>
    /// <param name="newestFirst">The proxy's streams that carry routes.</param>
    /// <param name="route">The route configuration.</param>
    private static ProxyStream? Deciding(List<ProxyStream> newestFirst, string route)
    {
        var deciding = newestFirst.Find(s => s.IsAggregated || s.Subscribes(TypeUrl.RouteConfiguration, route));
        return deciding?.Subscribes(TypeUrl.RouteConfiguration, route) == true ? deciding : null;
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
    private void Prove(string typeUrl, ImmutableSortedDictionary<string, string> held)
    {
        if (typeUrl != TypeUrl.RouteConfiguration)
            return;
        foreach (var (route, contentHash) in held)
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
