namespace SelfHeal.Xds.Sessions;

/// <summary>One content of one resource.</summary>
/// <param name="Name">The resource.</param>
/// <param name="ContentHash">Its content.</param>
public readonly record struct ResourceVersion(string Name, string ContentHash);
