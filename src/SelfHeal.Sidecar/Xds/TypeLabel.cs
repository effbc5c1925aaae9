using SelfHeal.Xds.Resources;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// The label of a type in metrics. A client may ask for any type, so those that the API has no service for share one
/// label: no client can make series.
/// </summary>
internal static class TypeLabel
{
    /// <summary>The label of every type that is not known.</summary>
    public const string Other = "other";

    private static readonly Dictionary<string, string> Known = TypeUrl.SendOrder
        .Concat(TypedService.All.Select(static s => s.TypeUrl))
        .Distinct(StringComparer.Ordinal)
        .ToDictionary(static t => t, TypeUrl.FullName, StringComparer.Ordinal);

    /// <summary>The label.</summary>
    /// <param name="typeUrl">Any type.</param>
    public static string Of(string typeUrl) => Known.GetValueOrDefault(typeUrl, Other);
}
