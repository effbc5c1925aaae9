using System.Collections.Immutable;

namespace SelfHeal.Core.AccessLogs;

/// <summary>The requests of one cluster, host and route over some intervals.</summary>
/// <param name="Key">Where they went.</param>
/// <param name="Requests">How many.</param>
/// <param name="CodeClasses">Requests by the first digit of their response code, at its index; none or another code at
/// index 0.</param>
/// <param name="Flags">Requests by response flag, in the order of flags; a request may have several, most have none.
/// </param>
public sealed record AccessLogRow(
    AccessLogKey Key, long Requests, ImmutableArray<long> CodeClasses, ImmutableArray<FlagCount> Flags)
{
    /// <summary>Requests that had a flag.</summary>
    /// <param name="flag">The flag.</param>
    public long Of(ResponseFlag flag) => Flags.FirstOrDefault(f => f.Flag == flag).Requests;
}
