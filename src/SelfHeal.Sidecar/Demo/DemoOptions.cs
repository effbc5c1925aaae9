using SelfHeal.Lab.Scenarios;

namespace SelfHeal.Sidecar.Demo;

/// <summary>What <c>selfheal demo</c> was asked to show.</summary>
internal sealed record DemoOptions
{
    /// <summary>The incident. Default: the bad canary.</summary>
    public Scenario Scenario { get; init; } = ScenarioCatalog.BadCanary;

    /// <summary>Who serves the configuration. Default: SelfHeal itself.</summary>
    public DemoMode Mode { get; init; } = DemoMode.Standalone;

    /// <summary>Envoy's stats flush interval. Default: 5s. Limits: 250ms to 1m.</summary>
    public TimeSpan Flush { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often to play it; each run starts everything anew. Default: 1. Limits: 1 to 100.</summary>
    public int Runs { get; init; } = 1;

    /// <summary>Where a report in JSON goes. Null: nowhere. Default: null.</summary>
    public string? JsonFile { get; init; }

    /// <summary>Whether the data plane is our own model even where there is an Envoy. Default: false.</summary>
    public bool Model { get; init; }

    /// <summary>The observation window of the contract. Default: 30s. Limits: 5s to 10m.</summary>
    public TimeSpan ContractWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Draws the moment of the onset and which requests fail. Null: from the clock, and shown. Default: null.
    /// </summary>
    public ulong? Seed { get; init; }

    /// <summary>What is wrong with these options; empty when nothing is.</summary>
    public IReadOnlyList<string> Errors()
    {
        var errors = new List<string>();
        if (Flush < TimeSpan.FromMilliseconds(250) || Flush > TimeSpan.FromMinutes(1))
            errors.Add($"--flush is {Flush.TotalSeconds} s; expected 250ms to 1m");
        if (Runs is < 1 or > 100)
            errors.Add($"--runs is {Runs}; expected 1 to 100");
        if (ContractWindow < TimeSpan.FromSeconds(5) || ContractWindow > TimeSpan.FromMinutes(10))
            errors.Add($"--contract-window is {ContractWindow.TotalSeconds} s; expected 5s to 10m");
        if (Model && Mode == DemoMode.Istio)
            errors.Add("--model does not go with --mode istio; what Istiod serves needs a real Envoy");
        return errors;
    }
}
