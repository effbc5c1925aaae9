using System.Text.Json;
using System.Text.Json.Serialization;

namespace SelfHeal.Sidecar.Admin;

/// <summary>Writes the cases of an enum as the admin API does: <c>RollingBack</c> is <c>rolling_back</c>.</summary>
/// <typeparam name="T">The enum.</typeparam>
internal sealed class SnakeCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower)
    where T : struct, Enum;
