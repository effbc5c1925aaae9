using System.Collections.Immutable;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;

namespace SelfHeal.Lab.DataPlane;

/// <summary>Everything that the model holds at one moment; replaced whole.</summary>
/// <param name="Types">By <see cref="ModelResourceType"/>, then by name.</param>
internal sealed record ModelConfiguration(ImmutableArray<ImmutableSortedDictionary<string, HeldResource>> Types)
{
    private static readonly ImmutableSortedDictionary<string, HeldResource> None =
        ImmutableSortedDictionary.Create<string, HeldResource>(StringComparer.Ordinal);

    /// <summary>Read once per configuration, not once per request.</summary>
    private readonly Lazy<ImmutableArray<ModelHttpListener>> _httpListeners = new(() =>
    [
        .. Types[(int)ModelResourceType.Listener].Values
            .Select(held => ModelHttpListener.TryRead((Listener)held.Message))
            .OfType<ModelHttpListener>(),
    ]);

    public static ModelConfiguration Empty { get; } = new([.. Enumerable.Repeat(None, ModelTypeUrl.Count)]);

    public ImmutableSortedDictionary<string, HeldResource> Of(ModelResourceType type) => Types[(int)type];

    public ModelConfiguration With(ModelResourceType type, IEnumerable<HeldResource> held) =>
        new(Types.SetItem((int)type, None.AddRange(held.Select(one => KeyValuePair.Create(one.Name, one)))));

    /// <summary>The names to ask EDS for.</summary>
    public ImmutableSortedSet<string> EndpointNames() =>
        [.. Of(ModelResourceType.Cluster).Values.Select(held => EndpointName((Cluster)held.Message)).OfType<string>()];

    /// <summary>The names to ask RDS for.</summary>
    public ImmutableSortedSet<string> RouteNames() =>
        [.. HttpListeners().Select(listener => listener.RouteName).OfType<string>()];

    public ImmutableArray<ModelHttpListener> HttpListeners() => _httpListeners.Value;

    /// <summary>The endpoints of a cluster: from EDS, or from the cluster itself; null when unknown.</summary>
    public ClusterLoadAssignment? Assignment(Cluster cluster) => EndpointName(cluster) is { } name
        ? Of(ModelResourceType.Endpoint).GetValueOrDefault(name)?.Message as ClusterLoadAssignment
        : cluster.LoadAssignment;

    /// <summary>The routes of a listener; null while they are not there.</summary>
    public RouteConfiguration? Routes(ModelHttpListener listener) => listener.RouteName is { } name
        ? Of(ModelResourceType.Route).GetValueOrDefault(name)?.Message as RouteConfiguration
        : listener.InlineRoutes;

    /// <summary>Without endpoints and routes that nothing names any more, as Envoy forgets them.</summary>
    public ModelConfiguration Pruned()
    {
        var endpoints = EndpointNames();
        var routes = RouteNames();
        return Only(ModelResourceType.Endpoint, endpoints).Only(ModelResourceType.Route, routes);
    }

    private ModelConfiguration Only(ModelResourceType type, ImmutableSortedSet<string> names) =>
        With(type, Of(type).Values.Where(held => names.Contains(held.Name)));

    private static string? EndpointName(Cluster cluster)
    {
        if (cluster.ClusterDiscoveryTypeCase != Cluster.ClusterDiscoveryTypeOneofCase.Type
            || cluster.Type != Cluster.Types.DiscoveryType.Eds)
        {
            return null;
        }

        var named = cluster.EdsClusterConfig?.ServiceName;
        return string.IsNullOrEmpty(named) ? cluster.Name : named;
    }
}
