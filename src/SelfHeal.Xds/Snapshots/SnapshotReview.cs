using System.Collections.Immutable;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// What can be served and yet keeps SelfHeal from judging. Findings have the shape of errors, so that
/// <see cref="ResourceLocations"/> can show them at their place; they are warnings.
/// </summary>
public static class SnapshotReview
{
    // A listener may lead to hundreds of clusters: more names than this nobody reads in one line.
    private const int NamesShown = 5;

    /// <summary>Every finding, ordered by type, resource and field.</summary>
    /// <param name="snapshot">The configuration as declared.</param>
    public static ImmutableArray<SnapshotError> Warnings(ValidatedSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var found = GrpcReader.Read(RouteWalk.Of(snapshot), TopologyReader.ReadClusters(snapshot));
        var blind = found.SelectMany(static f => f.Blind.Select(manager => (f.Cluster.Cluster, Manager: manager)))
            .GroupBy(static pair => (pair.Manager.Listener, pair.Manager.FiltersPath))
            .Select(static pairs => new SnapshotError(
                TypeUrl.Listener,
                pairs.Key.Listener,
                pairs.Key.FiltersPath,
                Many("gRPC cluster", [.. pairs.Select(static pair => pair.Cluster)])
                    + " cannot be judged: a failed call is HTTP 200, and nothing counts them here; add "
                    + $"envoy.filters.http.grpc_stats to http_filters of listener '{pairs.Key.Listener}', before the "
                    + "router"));
        var unreached = found.Where(static f => f.Blind.IsEmpty && !f.Cluster.HasGrpcStats)
            .Select(static f => new SnapshotError(
                TypeUrl.Cluster,
                f.Cluster.Cluster,
                "",
                $"gRPC cluster '{f.Cluster.Cluster}' cannot be judged unless the listener that leads to it, which is "
                    + "not among these resources, has envoy.filters.http.grpc_stats in its http_filters, before the "
                    + "router: a failed call is HTTP 200"));
        return
        [
            .. unreached.Concat(blind)
                .OrderBy(static warning => warning.TypeUrl, TypeUrl.Comparer)
                .ThenBy(static warning => warning.Resource, StringComparer.Ordinal)
                .ThenBy(static warning => warning.Field, StringComparer.Ordinal),
        ];
    }

    private static string Many(string what, ImmutableArray<string> names)
    {
        var shown = string.Join(", ", names.Take(NamesShown).Select(static name => $"'{name}'"));
        var rest = names.Length > NamesShown ? $" and {names.Length - NamesShown} more" : "";
        return names.Length == 1 ? $"{what} {shown}" : $"{what}s {shown}{rest}";
    }
}
