using System.Collections.Immutable;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>What SelfHeal may do by itself, and how success is judged.</summary>
internal sealed class PolicyOptions
{
    /// <summary>The policy's version as it stands in every decision record. Default: 1.</summary>
    public string Version { get; init; } = "1";

    /// <summary>The people who approved this policy; they stand in every decision record. Default: [].</summary>
    public ImmutableArray<string> ApprovedBy { get; init; } = [];

    /// <summary>
    /// The ring ceiling of a service that is not listed under services: 0 observe and recommend, 1 reversible and
    /// request-preserving, 2 disruptive to one workload, 3 cluster or zone (never autonomous). The catalog of this
    /// version knows actions of ring 1 only: 2 and 3 act as 1 until there are actions of those rings. Default: 0.
    /// Limits: 0 to 3.
    /// </summary>
    [Limits("0", "3")]
    public int DefaultRing { get; init; }

    /// <summary>The services that have a rule of their own, by name. Default: {}.</summary>
    public ImmutableSortedDictionary<string, ServicePolicyOptions> Services { get; init; } =
        ImmutableSortedDictionary.Create<string, ServicePolicyOptions>(StringComparer.Ordinal);

    /// <summary>How long an effect must last before an action.</summary>
    public PersistenceOptions Persistence { get; init; } = new();

    /// <summary>The confidence that an action needs.</summary>
    public RingBarsOptions Bars { get; init; } = new();

    /// <summary>The risk above which an action is only recommended.</summary>
    public RiskCapOptions MaxRisk { get; init; } = new();

    /// <summary>
    /// How far, in decibels, the runner-up hypothesis must be behind before an action. Default: 6. Limits: 0 to 60.
    /// </summary>
    [Limits("0", "60")]
    public int MarginDecibels { get; init; } = 6;

    /// <summary>How the success of an action is judged; declared in the record before the action.</summary>
    public ContractOptions Contract { get; init; } = new();

    /// <summary>
    /// How many actions one incident may see before it is handed to a human. Default: 2. Limits: 1 to 10.
    /// </summary>
    [Limits("1", "10")]
    public int ActionsPerIncident { get; init; } = 2;

    /// <summary>
    /// A change freeze: while true SelfHeal recommends and never acts. Default: false.
    /// </summary>
    public bool Freeze { get; init; }
}
