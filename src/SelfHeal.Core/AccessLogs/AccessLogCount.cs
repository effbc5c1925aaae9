namespace SelfHeal.Core.AccessLogs;

/// <summary>Requests that ended alike.</summary>
/// <param name="Key">Where they went.</param>
/// <param name="Flags">Bits of <see cref="ResponseFlagCodes.Bit"/>.</param>
/// <param name="CodeClass">The first digit of the response code, 1 to 5; 0 for none or another.</param>
/// <param name="Requests">How many; at least 1.</param>
public readonly record struct AccessLogCount(AccessLogKey Key, uint Flags, int CodeClass, int Requests);
