namespace SelfHeal.Lab.Load;

/// <summary>What one version answered.</summary>
/// <param name="Version">The version named in the answers; empty for answers that named none.</param>
/// <param name="Completed">All answers.</param>
/// <param name="Failed">Those of them with a status of 500 or above.</param>
public sealed record VersionLoad(string Version, long Completed, long Failed);
