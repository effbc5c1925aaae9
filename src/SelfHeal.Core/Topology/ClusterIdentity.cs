namespace SelfHeal.Core.Topology;

/// <summary>A cluster and the name under which its stats arrive.</summary>
/// <param name="Cluster">The cluster's name, as routes and records say it.</param>
/// <param name="StatName">What stands between <c>cluster.</c> and the stat.</param>
public sealed record ClusterIdentity(string Cluster, string StatName)
{
    /// <summary>The identity of a cluster as the configuration declares it.</summary>
    /// <param name="cluster">The cluster's name.</param>
    /// <param name="altStatName">Its <c>alt_stat_name</c>; empty where it has none.</param>
    public static ClusterIdentity Of(string cluster, string altStatName)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(altStatName);
        return new ClusterIdentity(cluster, Sanitize(altStatName.Length > 0 ? altStatName : cluster));
    }

    /// <summary>
    /// The name as Envoy writes it into stats: dots at the end go, and <c>://</c>, <c>:/</c>, <c>:</c> and a zero byte
    /// become one <c>_</c> each (API v3, <c>Cluster.name</c> and <c>alt_stat_name</c>; tried on Envoy 1.40).
    /// </summary>
    private static string Sanitize(string name) => name.TrimEnd('.')
        .Replace("://", "_", StringComparison.Ordinal)
        .Replace(":/", "_", StringComparison.Ordinal)
        .Replace(':', '_')
        .Replace('\0', '_');
}
