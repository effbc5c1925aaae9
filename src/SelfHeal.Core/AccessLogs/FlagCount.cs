namespace SelfHeal.Core.AccessLogs;

/// <summary>How many requests had a response flag.</summary>
/// <param name="Flag">The flag.</param>
/// <param name="Requests">How many; above zero.</param>
public readonly record struct FlagCount(ResponseFlag Flag, long Requests);
