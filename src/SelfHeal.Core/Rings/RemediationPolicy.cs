using System.Collections.Immutable;
using SelfHeal.Core.Contracts;

namespace SelfHeal.Core.Rings;

/// <summary>What the operators allow, as values. The file that it comes from is parsed elsewhere.</summary>
public sealed record RemediationPolicy
{
    /// <summary>The name that records carry.</summary>
    public string Version { get; init; } = "default";

    /// <summary>SHA-256 of the configuration's policy and detection sections as read, every key with its value or
    /// default, in canonical JSON; hexadecimal.</summary>
    public string Hash { get; init; } = "";

    /// <summary>Who approved it.</summary>
    public ImmutableArray<string> ApprovedBy { get; init; } = [];

    /// <summary>Ring ceiling of services that are not named. Default 0: observe and recommend.</summary>
    public int DefaultRing { get; init; }

    /// <summary>Ring ceiling per service.</summary>
    public ImmutableDictionary<string, int> ServiceRings { get; init; } =
        ImmutableDictionary.Create<string, int>(StringComparer.Ordinal);

    /// <summary>Flushes in which the effect must hold alone, the newest among them, before a ring 1 action.</summary>
    public int PersistenceFlushes { get; init; } = 2;

    /// <summary>The bar that the lower bound of the confidence must clear at ring 1, in parts per million.</summary>
    public int Ring1BarPpm { get; init; } = 700_000;

    /// <summary>The highest risk at ring 1, in parts per million.</summary>
    public int Ring1MaxRiskPpm { get; init; } = 250_000;

    /// <summary>How far the runner-up must be behind, in decibans (6 dB = 6).</summary>
    public int MarginDecibans { get; init; } = 6;

    /// <summary>Actions in one incident before it is handed over.</summary>
    public int ActionsPerIncident { get; init; } = 2;

    /// <summary>How much more a shift may put on the versions that receive the traffic, in parts per million. Default 2
    /// times: their capacity has not been measured, and more than that is a guess with production.</summary>
    public long LoadFactorMaxPpm { get; init; } = 2_000_000;

    /// <summary>True stops every action; recommendations go on.</summary>
    public bool Freeze { get; init; }

    /// <summary>How long all proxies have to acknowledge a change before it is withdrawn.</summary>
    public TimeSpan AcknowledgeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How the contract of an action is declared.</summary>
    public ContractPolicy Contract { get; init; } = new();

    /// <summary>The ring ceiling of a service.</summary>
    /// <param name="service">The service's name.</param>
    public int CeilingOf(string service) => ServiceRings.GetValueOrDefault(service, DefaultRing);
}
