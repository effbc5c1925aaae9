using System.Reflection;

namespace SelfHeal.Sidecar.Hosting;

/// <summary>The version of this program.</summary>
internal static class SelfHealVersion
{
    /// <summary>As Directory.Build.props states it.</summary>
    public static string Current { get; } =
        typeof(SelfHealVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion ?? "unknown";
}
