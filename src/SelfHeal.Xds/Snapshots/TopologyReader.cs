using System.Collections.Immutable;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Route.V3;
using SelfHeal.Core.Topology;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// Reads from the intended configuration which cluster is which version of which service, under which name its stats
/// come, and whether its gRPC failures are counted. Nobody writes this down by hand.
/// </summary>
public static class TopologyReader
{
    /// <summary>The topology of a snapshot.</summary>
    /// <param name="snapshot">The configuration as declared, without overlays.</param>
    public static GatewayTopology Read(ValidatedSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var walk = RouteWalk.Of(snapshot);
        var clusters = ReadClusters(snapshot);
        var splits = ReadSplits(walk);
        var names = snapshot.Get(TypeUrl.Cluster).Resources.Select(static cluster => cluster.Name).ToImmutableArray();
        return new GatewayTopology(splits, names)
        {
            Sets = ReadSets(walk, splits, names),
            StatNames =
            [
                .. clusters.Values.Select(static cluster => ClusterIdentity.Of(cluster.Name, cluster.AltStatName))
                    .Where(static identity => identity.StatName != identity.Cluster)
                    .OrderBy(static identity => identity.Cluster, StringComparer.Ordinal),
            ],
            Grpc = [.. GrpcReader.Read(walk, clusters).Select(static found => found.Cluster)],
        };
    }

    /// <summary>The identity of a route within its virtual host: its name, or <c>#</c> and its place.</summary>
    internal static string Identity(Route route, int index) => route.Name.Length > 0 ? route.Name : $"#{index}";

    /// <summary>The clusters of a snapshot by name.</summary>
    internal static IReadOnlyDictionary<string, Cluster> ReadClusters(ValidatedSnapshot snapshot) =>
        snapshot.Get(TypeUrl.Cluster).Resources.Select(static resource => resource.Decode()).OfType<Cluster>()
            .ToDictionary(static cluster => cluster.Name, StringComparer.Ordinal);

    /// <summary>What an overlay can be laid on: weighted routes of RDS resources, and nothing else.</summary>
    private static ImmutableArray<TrafficSplit> ReadSplits(RouteWalk walk)
    {
        var splits = ImmutableArray.CreateBuilder<TrafficSplit>();
        foreach (var configuration in walk.Configurations)
        {
            foreach (var host in configuration.VirtualHosts.OrderBy(static host => host.Name, StringComparer.Ordinal))
            {
                foreach (var (route, found) in ReadWeighted(host))
                    splits.Add(new TrafficSplit(found.Service, configuration.Name, host.Name, route, found.Versions));
            }
        }

        return splits.ToImmutable();
    }

    private static ImmutableArray<VersionSet> ReadSets(
        RouteWalk walk, ImmutableArray<TrafficSplit> splits, ImmutableArray<string> clusters)
    {
        var sets = new List<VersionSet>();
        foreach (var (origin, where, host) in walk.Inline)
        {
            sets.AddRange(ReadWeighted(host).Select(weighted => new VersionSet(
                weighted.Found.Service, origin, $"{where}, route {weighted.Route}", weighted.Found.Versions)));
            sets.AddRange(ReadConditional(host, where));
        }

        foreach (var configuration in walk.Configurations)
        {
            foreach (var host in configuration.VirtualHosts)
                sets.AddRange(ReadConditional(host, $"routes {configuration.Name}, virtual host {host.Name}"));
        }

        foreach (var (listener, proxy) in walk.Proxies)
        {
            var shares = proxy.WeightedClusters.Clusters.Select(static c => (c.Name, c.Weight)).ToImmutableArray();
            if (Name(shares, listener) is { } found)
            {
                sets.Add(new VersionSet(
                    found.Service, VersionSetOrigin.TcpProxy, $"listener {listener}", found.Versions));
            }
        }

        // What is only mirrored to answers nobody: its failures are not the service's.
        var mirrors = MirrorsOnly(walk);
        sets.AddRange(IstioVersions.From(clusters.Where(cluster => !mirrors.Contains(cluster))));
        return Distinct(sets, splits);
    }

    private static IEnumerable<VersionSet> ReadConditional(VirtualHost host, string where) =>
        ConditionalVersions.Of(host).Select(found => new VersionSet(
            found.Service, VersionSetOrigin.RouteCondition, where, found.Versions));

    private static IEnumerable<(string Route, VersionNamesOf Found)> ReadWeighted(VirtualHost host)
    {
        for (var index = 0; index < host.Routes.Count; index++)
        {
            var shares = RouteWalk.Weighted(host.Routes[index]).Select(static c => (c.Name, c.Weight ?? 0));
            if (Name([.. shares], host.Name) is { } found)
                yield return (Identity(host.Routes[index], index), found);
        }
    }

    /// <summary>Null for fewer than two clusters: nothing is split there.</summary>
    private static VersionNamesOf? Name(ImmutableArray<(string Cluster, uint Weight)> shares, string fallback)
    {
        if (shares.Select(static share => share.Cluster).Distinct(StringComparer.Ordinal).Count() < 2)
            return null;
        var names = VersionNames.Derive([.. shares.Select(static share => share.Cluster)], fallback);
        return new VersionNamesOf(names.Service, [.. shares.Select((share, place) =>
            new VersionShare(names.Versions[place], share.Cluster, share.Weight))]);
    }

    private static HashSet<string> MirrorsOnly(RouteWalk walk)
    {
        var routes = walk.Hosts.SelectMany(static host => host.Routes).ToList();
        var mirrors = routes
            .SelectMany(static route => route.Route_?.RequestMirrorPolicies ?? [])
            .Concat(walk.Hosts.SelectMany(static host => host.RequestMirrorPolicies))
            .Select(static mirror => mirror.Cluster)
            .ToHashSet(StringComparer.Ordinal);
        mirrors.ExceptWith(routes.SelectMany(RouteWalk.Targets));
        return mirrors;
    }

    /// <summary>Orders the sets and leaves out those that a split or an earlier set already holds.</summary>
    private static ImmutableArray<VersionSet> Distinct(List<VersionSet> sets, ImmutableArray<TrafficSplit> splits)
    {
        var known = new Dictionary<string, List<HashSet<string>>>(StringComparer.Ordinal);
        foreach (var split in splits)
            Remember(Names(split.Versions));
        var distinct = new List<VersionSet>();
        foreach (var set in sets.OrderBy(static set => set.Origin)
            .ThenBy(static set => set.Service, StringComparer.Ordinal)
            .ThenBy(static set => set.Where, StringComparer.Ordinal))
        {
            var names = Names(set.Versions);
            if (known.GetValueOrDefault(set.Versions[0].Cluster, []).Exists(names.IsSubsetOf))
                continue;
            Remember(names);
            distinct.Add(set);
        }

        return [.. distinct.OrderBy(static set => set.Service, StringComparer.Ordinal)];

        void Remember(HashSet<string> names)
        {
            foreach (var name in names)
            {
                if (!known.TryGetValue(name, out var holders))
                    known.Add(name, holders = []);
                holders.Add(names);
            }
        }

        static HashSet<string> Names(ImmutableArray<VersionShare> versions) =>
            versions.Select(static version => version.Cluster).ToHashSet(StringComparer.Ordinal);
    }
}
