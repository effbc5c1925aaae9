namespace SelfHeal.Sidecar.Config.Loading;

/// <summary>Marks a path; a relative one starts at the directory of the configuration file.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FilePathAttribute : Attribute;
