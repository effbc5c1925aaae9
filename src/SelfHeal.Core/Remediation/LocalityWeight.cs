using SelfHeal.Core.Loads;

namespace SelfHeal.Core.Remediation;

/// <summary>The weight of one locality among those of its priority.</summary>
/// <param name="Locality">Where the endpoints are.</param>
/// <param name="Weight">At least 1.</param>
/// <param name="Within">The priority of the group that is meant; null where the locality has one group only.</param>
public readonly record struct LocalityWeight(LocalityName Locality, uint Weight, uint? Within = null);
