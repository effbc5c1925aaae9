namespace SelfHeal.Xds.Accepted;

/// <summary>One content of one resource.</summary>
/// <param name="TypeUrl">The resource's type.</param>
/// <param name="Name">The resource's name.</param>
/// <param name="ContentHash">The content.</param>
public readonly record struct ContentKey(string TypeUrl, string Name, string ContentHash);
