using System.Collections.Immutable;

namespace SelfHeal.Core.AccessLogs;

/// <summary>The codes of response flags as Envoy's access logs print them (<c>%RESPONSE_FLAGS%</c>).</summary>
public static class ResponseFlagCodes
{
    private static readonly ImmutableArray<string> Codes =
    [
        "", "LH", "UH", "UT", "LR", "UR", "UF", "UC", "UO", "NR", "DI", "FI", "RL", "UAEX", "RLSE", "DC", "URX", "SI",
        "IH", "DPE", "UMSDR", "RFCF", "NFCF", "DT", "UPE", "NC", "OM", "DF", "DR",
    ];

    /// <summary>Every flag, in the order of their numbers.</summary>
    public static ImmutableArray<ResponseFlag> All { get; } = [.. Enum.GetValues<ResponseFlag>()];

    /// <summary>A flag's code, such as <c>UF</c>.</summary>
    /// <param name="flag">A flag that is defined.</param>
    public static string Of(ResponseFlag flag) => Codes[(int)flag];

    /// <summary>A flag's bit in a mask.</summary>
    /// <param name="flag">A flag that is defined.</param>
    public static uint Bit(ResponseFlag flag) => 1u << (int)flag;
}
