using System.Collections.Immutable;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// How many proxies ask for each served route configuration, and how many of them hold it as it is served. What happens
/// to one proxy costs a look at that proxy, however many there are.
/// </summary>
internal sealed class RouteTally
{
    private readonly Dictionary<string, Stand[]> _byNode = new(StringComparer.Ordinal);
    private ServedConfiguration? _served;
    private ImmutableArray<XdsResource> _routes = [];
    private int[] _subscribed = [];
    private int[] _holding = [];

    private enum Stand : byte
    {
        Apart,
        Subscribed,
        Holding,
    }

    /// <summary>The route configurations; the index counts below.</summary>
    public ImmutableArray<XdsResource> Routes => _routes;

    /// <summary>How many proxies ask for a route.</summary>
    public int Subscribed(int route) => _subscribed[route];

    /// <summary>How many of them hold it as it is served.</summary>
    public int Holding(int route) => _holding[route];

    /// <summary>Other routes are served; every proxy must be updated after this.</summary>
    public void Serve(ServedConfiguration served)
    {
        _served = served;
        var routes = _routes = served.Routes;
        _byNode.Clear();
        _subscribed = new int[routes.Length];
        _holding = new int[routes.Length];
    }

    /// <summary>Looks at one proxy anew.</summary>
    /// <param name="node">The proxy.</param>
    /// <param name="newestFirst">Its streams that carry routes; none where it has gone.</param>
    /// <returns>Whether any count has changed.</returns>
    public bool Update(string node, List<ProxyStream> newestFirst)
    {
        if (!_byNode.TryGetValue(node, out var stands))
            _byNode.Add(node, stands = new Stand[_routes.Length]);
        var isChanged = false;
        for (var route = 0; route < stands.Length; route++)
        {
            var stand = StandOf(newestFirst, _routes[route]);
            if (stand == stands[route])
                continue;
            Count(stands[route], route, -1);
            Count(stand, route, 1);
            stands[route] = stand;
            isChanged = true;
        }

        if (newestFirst.Count == 0)
            _byNode.Remove(node);
        return isChanged;
    }

    /// <summary>
    /// The stream that says how a proxy stands towards a route. A proxy that reconnected may have left a stream behind
    /// that nobody has noticed to be dead: the newest counts. On services of one type, a proxy has a stream for each
    /// name (XP "Requesting multiple resources"): the newest of that name does.
    /// </summary>
    private Stand StandOf(List<ProxyStream> newestFirst, XdsResource route)
    {
        foreach (var stream in newestFirst)
        {
            var asks = stream.Subscribes(TypeUrl.RouteConfiguration, route.Name);
            if (!stream.IsAggregated && !asks)
                continue;
            // A group may have another route of this name, which is not the one that counts.
            if (!asks || _served?.IsJudged(stream.Group, route.Name) == false)
                return Stand.Apart;
            return stream.Holds(TypeUrl.RouteConfiguration, route.Name, route.ContentHash)
                ? Stand.Holding
                : Stand.Subscribed;
        }

        return Stand.Apart;
    }

    private void Count(Stand stand, int route, int by)
    {
        if (stand != Stand.Apart)
            _subscribed[route] += by;
        if (stand == Stand.Holding)
            _holding[route] += by;
    }
}
