namespace SelfHeal.Sidecar.Config.Loading;

/// <summary>The key of an option in the file, where snake case of the property's name is not it.</summary>
/// <param name="key">The key.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ConfigKeyAttribute(string key) : Attribute
{
    /// <summary>The key.</summary>
    public string Key { get; } = key;
}
