using System.Globalization;
using SelfHeal.Lab.Processes;

namespace SelfHeal.Sidecar.Demo;

/// <summary>
/// The configuration file of the demo's <c>selfheal serve</c>: nothing but what differs from the defaults.
/// </summary>
internal static class DemoConfig
{
    /// <summary>The file's text.</summary>
    public static string Render(DemoOptions options, LabPorts ports, string resources, string state) =>
        string.Create(CultureInfo.InvariantCulture, $"""
            # Written by 'selfheal demo'.
            xds:
              listen: 127.0.0.1:{ports.Xds}
              resources: {Quote(resources)}
            admin:
              listen: 127.0.0.1:{ports.SelfHealAdmin}
            state:
              directory: {Quote(state)}
            detection:
              flush_interval: {Duration(options.Flush)}
            policy:
              version: demo
              approved_by: [selfheal demo]
              default_ring: 1
              contract:
                window: {Duration(options.ContractWindow)}
                # The window is short for a demo, so the claim is modest: the ratio is below 5 %.
                p_bad: 0.05
                deadline: {Duration(options.ContractWindow * 2)}

            """);

    private static string Duration(TimeSpan duration) =>
        string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalMilliseconds}ms");

    private static string Quote(string path) => $"\"{path.Replace("\\", "\\\\", StringComparison.Ordinal)}\"";
}
