namespace SelfHeal.Core.Loads;

/// <summary>Where endpoints are, as the configuration names it; every part may be empty.</summary>
/// <param name="Region">Such as a cloud region.</param>
/// <param name="Zone">Such as an availability zone.</param>
/// <param name="SubZone">Such as a rack.</param>
public readonly record struct LocalityName(string Region, string Zone, string SubZone)
{
    /// <summary>By region, zone and sub-zone, ordinally.</summary>
    public static IComparer<LocalityName> Order { get; } = Comparer<LocalityName>.Create(Compare);

    private static int Compare(LocalityName a, LocalityName b)
    {
        var order = string.CompareOrdinal(a.Region, b.Region);
        if (order == 0)
            order = string.CompareOrdinal(a.Zone, b.Zone);
        return order != 0 ? order : string.CompareOrdinal(a.SubZone, b.SubZone);
    }
}
