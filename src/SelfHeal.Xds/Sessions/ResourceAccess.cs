namespace SelfHeal.Xds.Sessions;

/// <summary>
/// What clients with certain rights may be served. Streams with the same rights should share one object: what it
/// selects of a set is worked out once per object.
/// </summary>
/// <param name="mayRead">
/// Says whether a resource, by type and name, may be served. It must always say the same of the same resource.
/// </param>
/// <param name="onlyType">The one type of which some may not; null: of any type. Default: null.</param>
public sealed class ResourceAccess(Func<string, string, bool> mayRead, string? onlyType = null)
{
    /// <summary>Whether there may be resources of a type that may not be served: others need not be looked at.
    /// </summary>
    /// <param name="typeUrl">The type.</param>
    public bool Restricts(string typeUrl) => onlyType is null || onlyType == typeUrl;

    /// <summary>Whether a resource may be served.</summary>
    /// <param name="typeUrl">Its type.</param>
    /// <param name="name">Its name.</param>
    public bool MayRead(string typeUrl, string name) => !Restricts(typeUrl) || mayRead(typeUrl, name);
}
