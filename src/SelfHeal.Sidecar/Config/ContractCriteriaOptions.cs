using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>Plain criteria that must hold beside the contract's test.</summary>
internal sealed class ContractCriteriaOptions
{
    /// <summary>
    /// Responses with status 5xx per second must stay below this; the window begins anew after a flush in which they
    /// did not. Null: no such criterion. Default: null. Limits: 0 to 1000000.
    /// </summary>
    [ConfigKey("max_5xx_per_second")]
    [Limits("0", "1000000")]
    public decimal? MaxServerErrorsPerSecond { get; init; }

    /// <summary>
    /// Whether the window begins anew while hosts are ejected beyond those at the start. Default: false.
    /// </summary>
    public bool NoNewEjections { get; init; }
}
