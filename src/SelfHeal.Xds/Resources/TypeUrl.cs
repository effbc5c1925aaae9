namespace SelfHeal.Xds.Resources;

/// <summary>
/// The resource types of xDS v3 that the server knows by name, declared in the order in which one change set is sent
/// (make before break: XP, "Eventual consistency considerations"). Every other type is carried opaquely.
/// </summary>
public static class TypeUrl
{
    /// <summary>What stands before the message's full name in every type URL.</summary>
    public const string Prefix = "type.googleapis.com/";

    /// <summary>CDS.</summary>
    public const string Cluster = Prefix + "envoy.config.cluster.v3.Cluster";

    /// <summary>EDS.</summary>
    public const string ClusterLoadAssignment = Prefix + "envoy.config.endpoint.v3.ClusterLoadAssignment";

    /// <summary>LEDS.</summary>
    public const string LbEndpoint = Prefix + "envoy.config.endpoint.v3.LbEndpoint";

    /// <summary>LDS.</summary>
    public const string Listener = Prefix + "envoy.config.listener.v3.Listener";

    /// <summary>SRDS.</summary>
    public const string ScopedRouteConfiguration = Prefix + "envoy.config.route.v3.ScopedRouteConfiguration";

    /// <summary>RDS.</summary>
    public const string RouteConfiguration = Prefix + "envoy.config.route.v3.RouteConfiguration";

    /// <summary>VHDS.</summary>
    public const string VirtualHost = Prefix + "envoy.config.route.v3.VirtualHost";

    /// <summary>SDS.</summary>
    public const string Secret = Prefix + "envoy.extensions.transport_sockets.tls.v3.Secret";

    /// <summary>ECDS.</summary>
    public const string ExtensionConfig = Prefix + "envoy.config.core.v3.TypedExtensionConfig";

    /// <summary>RTDS.</summary>
    public const string Runtime = Prefix + "envoy.service.runtime.v3.Runtime";

    private static readonly string[] Order =
    [
        Cluster, ClusterLoadAssignment, LbEndpoint, Listener, ScopedRouteConfiguration, RouteConfiguration,
        VirtualHost, Secret, ExtensionConfig, Runtime,
    ];

    /// <summary>The known types in send order.</summary>
    public static IReadOnlyList<string> SendOrder => Order;

    /// <summary>Sorts by send order; types that are not known come last, ordinally.</summary>
    public static IComparer<string> Comparer { get; } = Comparer<string>.Create(Compare);

    /// <summary>The message's full name: what stands after the last slash.</summary>
    /// <param name="typeUrl">A type URL of any host.</param>
    public static string FullName(string typeUrl)
    {
        ArgumentNullException.ThrowIfNull(typeUrl);
        return typeUrl[(typeUrl.LastIndexOf('/') + 1)..];
    }

    /// <summary>
    /// Whether an answer states the whole set, so that absence deletes (XP "Grouping resources into responses").
    /// </summary>
    /// <param name="typeUrl">The type.</param>
    internal static bool IsFullState(string typeUrl) => typeUrl is Cluster or Listener or ScopedRouteConfiguration;

    /// <summary>Whether it is one of <see cref="SendOrder"/>, so that its resources have names.</summary>
    /// <param name="typeUrl">The type.</param>
    internal static bool IsKnown(string typeUrl) => Array.IndexOf(Order, typeUrl) >= 0;

    /// <summary>
    /// Whether a first request without names asks for everything. For RDS, EDS, SDS and their like it states no
    /// interest.
    /// </summary>
    /// <param name="typeUrl">The type.</param>
    internal static bool AllowsWildcard(string typeUrl) =>
        typeUrl is not (ClusterLoadAssignment or LbEndpoint or RouteConfiguration or VirtualHost
            or Secret or ExtensionConfig or Runtime);

    /// <summary>Whether resources of this type are what routes and listeners point at.</summary>
    /// <param name="typeUrl">The type.</param>
    internal static bool IsUpstream(string typeUrl) => typeUrl is Cluster or ClusterLoadAssignment;

    /// <summary>Whether resources of this type point at clusters, and so wait until those are held.</summary>
    /// <param name="typeUrl">The type.</param>
    internal static bool IsDependent(string typeUrl) =>
        typeUrl is Listener or ScopedRouteConfiguration or RouteConfiguration or VirtualHost;

    private static int Compare(string? left, string? right)
    {
        var byRank = Rank(left).CompareTo(Rank(right));
        return byRank != 0 ? byRank : string.CompareOrdinal(left, right);
    }

    private static int Rank(string? typeUrl)
    {
        var place = Array.IndexOf(Order, typeUrl);
        return place < 0 ? Order.Length : place;
    }
}
