using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>Plain criteria that must hold beside the contract's test.</summary>
internal sealed class ContractCriteriaOptions
{
    /// <summary>
    /// The most responses with status 5xx per second. Null: no such criterion. Default: null. Limits: 0 to 1000000.
    /// </summary>
    [ConfigKey("max_5xx_per_second")]
    [Limits("0", "1000000")]
    public decimal? MaxServerErrorsPerSecond { get; init; }

    /// <summary>Whether a new outlier ejection fails the contract. Default: false.</summary>
    public bool NoNewEjections { get; init; }
}
