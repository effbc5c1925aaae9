using System.Collections.Immutable;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;

namespace SelfHeal.Lab.DataPlane;

/// <summary>
/// Delta: a request subscribes to and unsubscribes from names, or answers a nonce; a response brings what changed. The
/// first request of a type on a stream says which versions are held already.
/// </summary>
internal sealed class DeltaSession(Node node, ModelResources resources)
    : IAdsSession<DeltaDiscoveryRequest, DeltaDiscoveryResponse>
{
    private readonly ImmutableSortedSet<string>[] _names =
        [.. Enumerable.Repeat(ImmutableSortedSet.Create<string>(StringComparer.Ordinal), ModelTypeUrl.Count)];

    private readonly bool[] _opened = new bool[ModelTypeUrl.Count];
    private bool _wantsListeners;
    private bool _nodeSent;

    /// <inheritdoc/>
    public IReadOnlyList<DeltaDiscoveryRequest> Open()
    {
        _nodeSent = false;
        Array.Clear(_opened);
        List<DeltaDiscoveryRequest> requests = [First(ModelResourceType.Cluster)];
        if (!_names[(int)ModelResourceType.Endpoint].IsEmpty)
            requests.Add(First(ModelResourceType.Endpoint));
        if (_wantsListeners)
            requests.Add(First(ModelResourceType.Listener));
        if (!_names[(int)ModelResourceType.Route].IsEmpty)
            requests.Add(First(ModelResourceType.Route));
        return requests;
    }

    /// <inheritdoc/>
    public IReadOnlyList<DeltaDiscoveryRequest> OnResponse(DeltaDiscoveryResponse response)
    {
        if (!ModelTypeUrl.TryParse(response.TypeUrl, out var type))
            return [];
        var answer = Request(type);
        answer.ResponseNonce = response.Nonce;
        var error = resources.Apply(
            type,
            response.Resources.Select(resource => (resource.Resource_, resource.Version)),
            response.RemovedResources,
            replaceAll: false);
        if (error is not null)
        {
            answer.ErrorDetail = AdsError.Of(error);
            return [answer];
        }

        List<DeltaDiscoveryRequest> requests = [answer];
        var held = resources.Current;
        Subscribe(ModelResourceType.Endpoint, held.EndpointNames(), requests);
        if (!_wantsListeners && SotwSession.IsWarm(held))
        {
            _wantsListeners = true;
            requests.Add(First(ModelResourceType.Listener));
        }

        Subscribe(ModelResourceType.Route, held.RouteNames(), requests);
        return requests;
    }

    private void Subscribe(
        ModelResourceType type, ImmutableSortedSet<string> names, List<DeltaDiscoveryRequest> requests)
    {
        var before = _names[(int)type];
        if (before.SetEquals(names))
            return;
        _names[(int)type] = names;
        if (!_opened[(int)type])
        {
            requests.Add(First(type));
            return;
        }

        var change = Request(type);
        change.ResourceNamesSubscribe.Add(names.Except(before));
        change.ResourceNamesUnsubscribe.Add(before.Except(names));
        requests.Add(change);
    }

    /// <summary>No names in the first request of CDS and LDS are the wildcard.</summary>
    private DeltaDiscoveryRequest First(ModelResourceType type)
    {
        _opened[(int)type] = true;
        var request = Request(type);
        request.ResourceNamesSubscribe.Add(_names[(int)type]);
        foreach (var (name, held) in resources.Current.Of(type))
            request.InitialResourceVersions[name] = held.Version;
        return request;
    }

    private DeltaDiscoveryRequest Request(ModelResourceType type)
    {
        var request = new DeltaDiscoveryRequest { TypeUrl = ModelTypeUrl.Of(type) };
        if (!_nodeSent)
            request.Node = node;
        _nodeSent = true;
        return request;
    }
}
