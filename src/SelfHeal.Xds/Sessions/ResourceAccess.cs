namespace SelfHeal.Xds.Sessions;

/// <summary>
/// What clients with certain rights may be served. Streams with the same rights should share one object: what it
/// selects of a set is worked out once per object.
/// </summary>
/// <param name="mayRead">
/// Says whether a resource, by type and name, may be served. It must always say the same of the same resource.
/// </param>
public sealed class ResourceAccess(Func<string, string, bool> mayRead)
{
    /// <summary>Whether a resource may be served.</summary>
    /// <param name="typeUrl">Its type.</param>
    /// <param name="name">Its name.</param>
    public bool MayRead(string typeUrl, string name) => mayRead(typeUrl, name);
}
