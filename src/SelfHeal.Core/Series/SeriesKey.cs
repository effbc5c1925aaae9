namespace SelfHeal.Core.Series;

/// <summary>What a series measures.</summary>
/// <param name="Scope">The kind of thing.</param>
/// <param name="Name">Which one; empty for scopes without a name.</param>
/// <param name="Stat">Which of its stats.</param>
public readonly record struct SeriesKey(StatScope Scope, string Name, Stat Stat);
