namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>What a test's gateway is made of.</summary>
internal sealed record GatewayOptions
{
    /// <summary>Whether the data plane is our model of an Envoy. Default false: a real Envoy, which must be there.
    /// </summary>
    public bool Model { get; init; }

    /// <summary>Whether a real Envoy starts from <c>bootstrap-delta.yaml</c>. Default false.</summary>
    public bool Delta { get; init; }

    /// <summary>
    /// The contract's window. Default 10 s: at 200 requests a second a ratio of 5 % is excluded after 9.9 s of clean
    /// traffic at the earliest.
    /// </summary>
    public TimeSpan ContractWindow { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Sections of the configuration file beyond the demo's. Default: none.</summary>
    public string Configuration { get; init; } = "";

    /// <summary>Changes the sample files before anything reads them; told their directory. Default: nothing.</summary>
    public Action<string> Prepare { get; init; } = static _ => { };
}
