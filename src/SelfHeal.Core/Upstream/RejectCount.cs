namespace SelfHeal.Core.Upstream;

/// <summary>How many responses of one xDS type were rejected.</summary>
/// <param name="Type">The type in the upstream's words, such as <c>cds</c>; empty where it does not say.</param>
/// <param name="Rejects">How many; never negative.</param>
public readonly record struct RejectCount(string Type, long Rejects);
