using Envoy.Config.Route.V3;
using SelfHeal.Core.Time;

namespace SelfHeal.Lab.DataPlane;

/// <summary>
/// Chooses the cluster of a request: virtual host by domain, the first route whose prefix or path matches, then one
/// cluster by weight. Other matchers of Envoy are not played, such routes never match.
/// </summary>
internal sealed class ModelRouter(IRandomSource random)
{
    private readonly Lock _randomLock = new();

    /// <summary>The cluster's name; null when no route takes the request.</summary>
    public string? Route(RouteConfiguration routes, string host, string path)
    {
        var virtualHost = routes.VirtualHosts.FirstOrDefault(candidate => candidate.Domains.Contains(host))
            ?? routes.VirtualHosts.FirstOrDefault(candidate => candidate.Domains.Any(domain => Covers(domain, host)))
            ?? routes.VirtualHosts.FirstOrDefault(candidate => candidate.Domains.Contains("*"));
        var action = virtualHost?.Routes.FirstOrDefault(candidate => Matches(candidate.Match, path))?.Route_;
        return action?.ClusterSpecifierCase switch
        {
            RouteAction.ClusterSpecifierOneofCase.Cluster => action.Cluster,
            RouteAction.ClusterSpecifierOneofCase.WeightedClusters => Pick(action.WeightedClusters),
            _ => null,
        };
    }

    /// <summary>A suffix domain such as <c>*.example.org</c>, or a prefix domain such as <c>pay.*</c>.</summary>
    private static bool Covers(string domain, string host) =>
        domain.Length > 1
        && ((domain[0] == '*' && host.EndsWith(domain[1..], StringComparison.OrdinalIgnoreCase))
            || (domain[^1] == '*' && host.StartsWith(domain[..^1], StringComparison.OrdinalIgnoreCase)));

    private static bool Matches(RouteMatch? match, string path) => match?.PathSpecifierCase switch
    {
        RouteMatch.PathSpecifierOneofCase.Prefix => path.StartsWith(match.Prefix, StringComparison.Ordinal),
        RouteMatch.PathSpecifierOneofCase.Path => string.Equals(path, match.Path, StringComparison.Ordinal),
        _ => false,
    };

    private string? Pick(WeightedCluster split)
    {
        var total = split.Clusters.Sum(cluster => (long)(cluster.Weight ?? 0));
        if (total is <= 0 or > int.MaxValue)
            return null;
        int draw;
        lock (_randomLock)
            draw = random.NextInt32((int)total);
        foreach (var cluster in split.Clusters)
        {
            draw -= (int)(cluster.Weight ?? 0);
            if (draw < 0)
                return cluster.Name;
        }

        return null;
    }
}
