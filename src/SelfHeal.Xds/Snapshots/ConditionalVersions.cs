using System.Collections.Immutable;
using Envoy.Config.Route.V3;
using SelfHeal.Core.Topology;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// Finds versions that no weights declare: routes of one virtual host that match the same path under different
/// conditions (a header, a query parameter, a runtime fraction) and lead to clusters whose names differ in the version
/// only. The same path is a must, because <c>/v1</c> and <c>/v2</c> are two interfaces and not two releases; so is the
/// name, because a header may as well choose between two services.
/// </summary>
internal static class ConditionalVersions
{
    /// <summary>The versions by service, ordered by the service's name.</summary>
    /// <param name="host">A virtual host.</param>
    public static IEnumerable<VersionNamesOf> Of(VirtualHost host) => host.Routes
        .GroupBy(static route => PathOf(route.Match), StringComparer.Ordinal)
        .Where(static routes => routes.Key.Length > 0 && routes.Skip(1).Any())
        .SelectMany(static routes => Alike([.. routes.SelectMany(RouteWalk.Targets).Distinct(StringComparer.Ordinal)]))
        .OrderBy(static found => found.Service, StringComparer.Ordinal);

    /// <summary>Partitions clusters into those of one service each; what is alone is left out.</summary>
    private static IEnumerable<VersionNamesOf> Alike(ImmutableArray<string> clusters)
    {
        var services = new SortedDictionary<string, List<VersionShare>>(StringComparer.Ordinal);
        foreach (var cluster in clusters)
        {
            if (KeyOf(cluster) is not { } key)
                continue;
            if (!services.TryGetValue(key.Service, out var versions))
                services.Add(key.Service, versions = []);
            versions.Add(new VersionShare(key.Version, cluster, 0));
        }

        // A canary's name is often the stable one's with a suffix: payments and payments-canary.
        foreach (var cluster in clusters)
        {
            if (KeyOf(cluster) is null && services.TryGetValue(cluster, out var versions))
                versions.Add(new VersionShare(cluster, cluster, 0));
        }

        return services.Where(static service => service.Value.Count > 1)
            .Select(static service => new VersionNamesOf(
                service.Key, [.. service.Value.OrderBy(static version => version.Cluster, StringComparer.Ordinal)]));
    }

    private static (string Service, string Version)? KeyOf(string cluster)
    {
        if (IstioClusterName.TryParse(cluster, out var istio))
            return istio.Version.Length > 0 ? (istio.Host, istio.Version) : null;
        return VersionWord.Cut(cluster) is { } cut ? (cut.Stem + cut.Tail, cut.Version) : null;
    }

    /// <summary>What a route asks of the path, without any other condition; empty where it asks nothing. gRPC is part
    /// of it: it is another kind of request.</summary>
    private static string PathOf(RouteMatch? match)
    {
        var path = match?.PathSpecifierCase switch
        {
            RouteMatch.PathSpecifierOneofCase.Prefix => match.Prefix,
            RouteMatch.PathSpecifierOneofCase.Path => match.Path,
            RouteMatch.PathSpecifierOneofCase.PathSeparatedPrefix => match.PathSeparatedPrefix,
            RouteMatch.PathSpecifierOneofCase.SafeRegex => match.SafeRegex.Regex,
            RouteMatch.PathSpecifierOneofCase.PathMatchPolicy => match.PathMatchPolicy.ToString(),
            RouteMatch.PathSpecifierOneofCase.ConnectMatcher => "CONNECT",
            _ => "",
        };
        if (match is null || path.Length == 0)
            return "";
        return $"{match.PathSpecifierCase} {match.CaseSensitive ?? true} {match.Grpc is not null} {path}";
    }
}
