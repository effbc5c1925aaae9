using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>What is kept on disk.</summary>
internal sealed class StateOptions
{
    /// <summary>
    /// The directory of the ledger and everything else that must outlive the process; created when missing.
    /// Default: ./state.
    /// </summary>
    [FilePath]
    public string Directory { get; init; } = "./state";
}
