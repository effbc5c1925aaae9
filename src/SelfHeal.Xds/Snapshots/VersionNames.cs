using System.Collections.Immutable;

namespace SelfHeal.Xds.Snapshots;

/// <summary>Takes the names of a split's clusters apart into a service and its versions.</summary>
/// <param name="Service">The service's name.</param>
/// <param name="Versions">One for each cluster, in their order.</param>
internal sealed record VersionNames(string Service, ImmutableArray<string> Versions)
{
    private const int IstioParts = 4;

    /// <summary>
    /// Istio's names say both; otherwise the service is what all names share up to a separator, preferring the cut
    /// after
    /// which every rest looks like a version.
    /// </summary>
    /// <param name="clusters">At least two, not all equal.</param>
    /// <param name="virtualHost">The service's name where the clusters' names share nothing.</param>
    public static VersionNames Derive(ImmutableArray<string> clusters, string virtualHost)
    {
        if (FromIstio(clusters) is { } istio)
            return istio;
        var shared = SharedPrefix(clusters);
        VersionNames? longest = null;
        for (var cut = shared.Length - 1; cut > 0; cut--)
        {
            if (shared[cut] is not ('-' or '_' or '|'))
                continue;
            var names = new VersionNames(shared[..cut], [.. clusters.Select(cluster => cluster[(cut + 1)..])]);
            if (names.Versions.All(LooksLikeVersion))
                return names;
            if (names.Versions.All(version => version.Length > 0))
                longest ??= names;
        }
        return longest ?? new VersionNames(virtualHost, clusters);
    }

    /// <summary><c>outbound|80|v2|payments.shop.svc.cluster.local</c>: direction, port, subset, host.</summary>
    private static VersionNames? FromIstio(ImmutableArray<string> clusters)
    {
        var parts = clusters.Select(cluster => cluster.Split('|')).ToArray();
        return parts.All(part =>
                part.Length == IstioParts && part[0] is "outbound" && part[2].Length > 0 && part[3].Length > 0)
            && parts.Select(part => part[3]).Distinct(StringComparer.Ordinal).Count() == 1
            ? new VersionNames(parts[0][3], [.. parts.Select(part => part[2])])
            : null;
    }

    private static string SharedPrefix(ImmutableArray<string> names)
    {
        var shared = names[0].AsSpan();
        foreach (var name in names)
            shared = shared[..shared.CommonPrefixLength(name)];
        return shared.ToString();
    }

    private static bool LooksLikeVersion(string rest) =>
        rest.Length > 1 && rest[0] is 'v' or 'V' && char.IsAsciiDigit(rest[1]);
}
