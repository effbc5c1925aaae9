using System.Collections.Immutable;
using SelfHeal.Core.Topology;

namespace SelfHeal.Xds.Snapshots;

/// <summary>Takes the names of a service's clusters apart into the service and its versions.</summary>
/// <param name="Service">The service's name.</param>
/// <param name="Versions">One for each cluster, in their order.</param>
internal sealed record VersionNames(string Service, ImmutableArray<string> Versions)
{
    /// <summary>
    /// Names for clusters that a weighted route has declared to be versions of one service. Istio's names say both;
    /// otherwise the service is what all names share up to a separator, preferring the cut after which every rest looks
    /// like a version.
    /// </summary>
    /// <param name="clusters">At least two, not all equal.</param>
    /// <param name="virtualHost">The service's name where the clusters' names share nothing.</param>
    public static VersionNames Derive(ImmutableArray<string> clusters, string virtualHost)
    {
        var istio = new List<IstioClusterName>();
        foreach (var cluster in clusters)
        {
            if (IstioClusterName.TryParse(cluster, out var name) && name.Host.Length > 0)
                istio.Add(name);
        }

        var names = istio.Count == clusters.Length ? FromIstio(istio) : FromPrefix(clusters);
        return names ?? new VersionNames(virtualHost, clusters);
    }

    private static VersionNames? FromIstio(List<IstioClusterName> names)
    {
        if (names.Select(static name => name.Host).Distinct(StringComparer.Ordinal).Count() == 1)
            return new VersionNames(names[0].Host, [.. names.Select(Version)]);

        // A split over services of their own: reviews-v1.shop.svc.cluster.local and reviews-v2.
        var hosts = names.ConvertAll(static name => name.Host.Split('.', 2));
        var domains = hosts.Select(static host => host.Length > 1 ? host[1] : "").Distinct(StringComparer.Ordinal);
        if (domains.ToArray() is not [var domain])
            return null;
        var shared = FromPrefix([.. hosts.Select(static host => host[0])]);
        if (shared is null)
            return null;
        var versions = shared.Versions.Select((version, place) =>
            names[place].Version is { Length: > 0 } subset ? $"{version}/{subset}" : version);
        return new VersionNames(domain.Length > 0 ? $"{shared.Service}.{domain}" : shared.Service, [.. versions]);

        static string Version(IstioClusterName name) => name.Version.Length > 0 ? name.Version : IstioVersions.Whole;
    }

    private static VersionNames? FromPrefix(ImmutableArray<string> clusters)
    {
        var shared = SharedPrefix(clusters);
        VersionNames? longest = null;
        for (var cut = shared.Length - 1; cut > 0; cut--)
        {
            if (shared[cut] is not ('-' or '_' or '|'))
                continue;
            var names = new VersionNames(shared[..cut], [.. clusters.Select(cluster => cluster[(cut + 1)..])]);
            if (names.Versions.All(VersionWord.StartsWithNumber))
                return names;
            if (names.Versions.All(version => version.Length > 0))
                longest ??= names;
        }

        return longest;
    }

    private static string SharedPrefix(ImmutableArray<string> names)
    {
        var shared = names[0].AsSpan();
        foreach (var name in names)
            shared = shared[..shared.CommonPrefixLength(name)];
        return shared.ToString();
    }
}
