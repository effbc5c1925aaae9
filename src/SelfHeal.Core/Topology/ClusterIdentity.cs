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
    /// The name as Envoy writes it into stats: a dot at either end goes, and <c>://</c>, <c>:/</c>, <c>:</c> and a zero
    /// byte become one <c>_</c> each (API v3, <c>Cluster.name</c> and <c>alt_stat_name</c>).
    /// </summary>
    private static string Sanitize(string name)
    {
        var end = name.EndsWith('.') ? name.Length - 1 : name.Length;
        var start = end > 0 && name[0] == '.' ? 1 : 0;
        return name[start..end]
            .Replace("://", "_", StringComparison.Ordinal)
            .Replace(":/", "_", StringComparison.Ordinal)
            .Replace(':', '_')
            .Replace('\0', '_');
    }
}
