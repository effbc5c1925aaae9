using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>What Istiod knows of resource types (its pkg/model/xds.go, pilot/pkg/xds/ads.go and delta.go).</summary>
internal static class IstiodTypes
{
    /// <summary>NDS: the names that the agent resolves.</summary>
    public const string NameTable = TypeUrl.Prefix + "istio.networking.nds.v1.NameTable";

    /// <summary>PCDS: authorities that the agent trusts.</summary>
    public const string ProxyConfig = TypeUrl.Prefix + "istio.mesh.v1alpha1.ProxyConfig";

    /// <summary>Comes from the agent and is never answered.</summary>
    public const string Health = TypeUrl.Prefix + "istio.v1.HealthInformation";

    /// <summary>WDS.</summary>
    public const string Address = TypeUrl.Prefix + "istio.workload.Address";

    /// <summary>WDS of workloads alone.</summary>
    public const string Workload = TypeUrl.Prefix + "istio.workload.Workload";

    /// <summary>WADS.</summary>
    public const string Authorization = TypeUrl.Prefix + "istio.security.Authorization";

    private const string DebugPrefix = "istio.io/debug";

    private static readonly string[] PushOrder =
    [
        TypeUrl.Cluster, TypeUrl.ClusterLoadAssignment, TypeUrl.Listener, TypeUrl.RouteConfiguration, TypeUrl.Secret,
        Address, Workload, Authorization,
    ];

    /// <summary>The order of one push. Istiod leaves the order of types that it does not list to chance; here it is
    /// ordinal.</summary>
    public static IComparer<string> Order { get; } = Comparer<string>.Create(static (left, right) =>
        Rank(left).CompareTo(Rank(right)) is not 0 and var byRank ? byRank : string.CompareOrdinal(left, right));

    /// <summary>Whether a request without names states interest.</summary>
    public static bool IsWildcard(string typeUrl) => typeUrl is not (
        TypeUrl.ClusterLoadAssignment or TypeUrl.RouteConfiguration or TypeUrl.Secret or TypeUrl.ExtensionConfig);

    /// <summary>Types that every client may ask for. Any other is taken for Istio's own configuration, which is for
    /// control planes only.</summary>
    public static bool IsForClients(string typeUrl) =>
        PushOrder.Contains(typeUrl, StringComparer.Ordinal)
        || typeUrl is TypeUrl.ExtensionConfig or NameTable or ProxyConfig;

    /// <summary>Types whose watched names are kept by what makes the resources, and whose versions are not empty.
    /// </summary>
    public static bool IsWorkload(string typeUrl) => typeUrl is Address or Workload;

    /// <summary>Types whose removal is never told: extensions are in use until no listener names them.</summary>
    public static bool IsNeverRemoved(string typeUrl) => typeUrl is TypeUrl.ExtensionConfig;

    /// <summary>Questions that are answered once and watch nothing.</summary>
    public static bool IsDebug(string typeUrl) => typeUrl.StartsWith(DebugPrefix, StringComparison.Ordinal);

    /// <summary>Clusters that come with every CDS push of delta, whatever has changed.</summary>
    public static bool IsAlwaysBuilt(string cluster) =>
        cluster is "BlackHoleCluster" or "PassthroughCluster" or "InboundPassthroughCluster"
        || cluster.StartsWith("inbound|", StringComparison.Ordinal);

    private static int Rank(string typeUrl) =>
        Array.IndexOf(PushOrder, typeUrl) is >= 0 and var place ? place : PushOrder.Length;
}
