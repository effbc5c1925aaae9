namespace SelfHeal.Core.Loads;

/// <summary>Requests that a proxy dropped on purpose.</summary>
/// <param name="Category">The name of the drop policy.</param>
/// <param name="Count">How many in the period.</param>
public readonly record struct DroppedLoad(string Category, long Count);
