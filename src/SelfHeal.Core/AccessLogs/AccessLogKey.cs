namespace SelfHeal.Core.AccessLogs;

/// <summary>What requests are counted by: names from the configuration, and an address.</summary>
/// <param name="Cluster">The upstream cluster; empty when none was chosen.</param>
/// <param name="Upstream">The upstream host's address; empty when none was chosen.</param>
/// <param name="Route">The route's name; empty when it has none, or none was found.</param>
public readonly record struct AccessLogKey(string Cluster, string Upstream, string Route)
{
    /// <summary>Takes what has no row of its own.</summary>
    public static AccessLogKey Overflow { get; } = new("*", "*", "*");

    /// <summary>By cluster, host and route, ordinally.</summary>
    public static IComparer<AccessLogKey> Order { get; } = Comparer<AccessLogKey>.Create(Compare);

    private static int Compare(AccessLogKey a, AccessLogKey b)
    {
        var order = string.CompareOrdinal(a.Cluster, b.Cluster);
        if (order == 0)
            order = string.CompareOrdinal(a.Upstream, b.Upstream);
        return order != 0 ? order : string.CompareOrdinal(a.Route, b.Route);
    }
}
