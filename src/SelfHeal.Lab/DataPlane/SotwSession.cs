using System.Collections.Immutable;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;

namespace SelfHeal.Lab.DataPlane;

/// <summary>
/// State of the world: every request of a type names all that is wanted of it, the version held, and the nonce of the
/// response that it answers. Like Envoy, the node goes into the first request of a stream only.
/// </summary>
internal sealed class SotwSession(Node node, ModelResources resources)
    : IAdsSession<DiscoveryRequest, DiscoveryResponse>
{
    private readonly TypeState[] _types = [.. Enumerable.Range(0, ModelTypeUrl.Count).Select(_ => new TypeState())];
    private bool _nodeSent;

    /// <inheritdoc/>
    public IReadOnlyList<DiscoveryRequest> Open()
    {
        _nodeSent = false;
        _types[(int)ModelResourceType.Cluster].Requested = true;
        var requests = new List<DiscoveryRequest>();
        for (var i = 0; i < _types.Length; i++)
        {
            _types[i].Nonce = string.Empty;
            if (_types[i].Requested)
                requests.Add(Request((ModelResourceType)i));
        }

        return requests;
    }

    /// <inheritdoc/>
    public IReadOnlyList<DiscoveryRequest> OnResponse(DiscoveryResponse response)
    {
        if (!ModelTypeUrl.TryParse(response.TypeUrl, out var type))
            return [];
        var state = _types[(int)type];
        state.Nonce = response.Nonce;
        var wholeWorld = type is ModelResourceType.Cluster or ModelResourceType.Listener;
        var error = resources.Apply(
            type, response.Resources.Select(any => (any, response.VersionInfo)), [], replaceAll: wholeWorld);
        if (error is not null)
        {
            var nack = Request(type);
            nack.ErrorDetail = AdsError.Of(error);
            return [nack];
        }

        state.Version = response.VersionInfo;
        List<DiscoveryRequest> requests = [Request(type)];
        var held = resources.Current;
        if (WantsOthers(ModelResourceType.Endpoint, held.EndpointNames()))
            requests.Add(Request(ModelResourceType.Endpoint));
        if (!_types[(int)ModelResourceType.Listener].Requested && IsWarm(held))
        {
            _types[(int)ModelResourceType.Listener].Requested = true;
            requests.Add(Request(ModelResourceType.Listener));
        }

        if (WantsOthers(ModelResourceType.Route, held.RouteNames()))
            requests.Add(Request(ModelResourceType.Route));
        return requests;
    }

    /// <summary>
    /// Envoy asks for listeners once its clusters have endpoints, so that no request finds an empty one.
    /// </summary>
    internal static bool IsWarm(ModelConfiguration held) =>
        held.EndpointNames().All(held.Of(ModelResourceType.Endpoint).ContainsKey);

    private bool WantsOthers(ModelResourceType type, ImmutableSortedSet<string> names)
    {
        var state = _types[(int)type];
        if (state.Names.SetEquals(names))
            return false;
        state.Names = names;
        state.Requested = true;
        return true;
    }

    private DiscoveryRequest Request(ModelResourceType type)
    {
        var state = _types[(int)type];
        var request = new DiscoveryRequest
        {
            TypeUrl = ModelTypeUrl.Of(type),
            VersionInfo = state.Version,
            ResponseNonce = state.Nonce,
            ResourceNames = { state.Names },
        };
        if (!_nodeSent)
            request.Node = node;
        _nodeSent = true;
        return request;
    }

    private sealed class TypeState
    {
        public bool Requested { get; set; }

        public string Version { get; set; } = string.Empty;

        public string Nonce { get; set; } = string.Empty;

        /// <summary>Empty is the wildcard for CDS and LDS, and no interest for EDS and RDS.</summary>
        public ImmutableSortedSet<string> Names { get; set; } =
            ImmutableSortedSet.Create<string>(StringComparer.Ordinal);
    }
}
