using System.Collections.Immutable;
using Envoy.Config.Endpoint.V3;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds.Rest;

/// <summary>What one fetch is answered with; it follows from the request and the snapshot alone.</summary>
/// <param name="Version">Changes whenever anything in it does, and with the names that were asked for.</param>
/// <param name="Resources">By name.</param>
internal sealed record RestAnswer(string Version, ImmutableArray<XdsResource> Resources)
{
    private const string WildcardName = "*";

    /// <summary>Looks up what a client asks for.</summary>
    /// <param name="set">What there is of the type.</param>
    /// <param name="names">
    /// The names of the request. None ask for everything where a stream would say the same (XP "How the client
    /// specifies what resources to return"), and for nothing elsewhere.
    /// </param>
    public static RestAnswer Of(ResourceSet set, IReadOnlyCollection<string> names)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(names);
        var everything = names.Count == 0
            ? set.TypeUrl is TypeUrl.Cluster or TypeUrl.Listener or TypeUrl.ScopedRouteConfiguration
            : names.Contains(WildcardName, StringComparer.Ordinal);
        if (everything)
            return new RestAnswer(set.Version, set.Resources);
        ImmutableArray<XdsResource> found =
        [
            .. names.Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
                .Select(name => set.Find(name) ?? Absent(set.TypeUrl, name))
                .OfType<XdsResource>(),
        ];
        return new RestAnswer(ResourceSet.VersionOf(set.TypeUrl, found), found);
    }

    /// <summary>A cluster whose assignment is not known would warm for ever: it is told that it has no endpoints.
    /// </summary>
    private static XdsResource? Absent(string typeUrl, string name) => typeUrl is TypeUrl.ClusterLoadAssignment
        ? XdsResource.FromMessage(new ClusterLoadAssignment { ClusterName = name })
        : null;
}
