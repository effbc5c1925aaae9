using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Delegation;

/// <summary>One resource as the upstream gave it.</summary>
/// <param name="Resource">Its bytes.</param>
/// <param name="Version">What the upstream called its version; empty in the state-of-the-world variant, and where the
/// upstream gives none, as Istiod does.</param>
public readonly record struct UpstreamResource(XdsResource Resource, string Version);
