namespace SelfHeal.Sidecar.Config.Loading;

/// <summary>One key with its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
internal sealed record ConfigEntry(ConfigNode.Scalar Key, ConfigNode Value);
