using SelfHeal.Core.Loads;

namespace SelfHeal.Core.Remediation;

/// <summary>The priority of one locality.</summary>
/// <param name="Locality">Where the endpoints are.</param>
/// <param name="Priority">0 is used first; at most 128, and none may be left out below it.</param>
/// <param name="Within">The priority of the group that is meant; null where the locality has one group only.</param>
public readonly record struct LocalityPriority(LocalityName Locality, uint Priority, uint? Within = null);
