using System.Globalization;
using SelfHeal.Lab.Mesh;
using SelfHeal.Lab.Processes;

namespace SelfHeal.Sidecar.Demo;

/// <summary>
/// The configuration file of the demo's <c>selfheal serve</c>: nothing but what differs from the defaults.
/// </summary>
internal static class DemoConfig
{
    /// <summary>Standalone mode: what is served is in files.</summary>
    public static string FromFiles(string resources) => $"""
        xds:
          resources: {Quote(resources)}
        """;

    /// <summary>Delegate mode: what is served comes from Istiod.</summary>
    public static string FromMesh(MeshAddresses mesh)
    {
        ArgumentNullException.ThrowIfNull(mesh);
        var metrics = mesh.Metrics is null ? "" : $"""

              metrics:
                address: "http://{mesh.Metrics}/metrics"
            """;
        return $"""
            mode: delegate
            upstream:
              addresses: ["http://{mesh.Xds}"]{metrics}
            xds:
            """;
    }

    /// <summary>The file's text.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="ports">Where to listen.</param>
    /// <param name="source">Of what is served; it ends within the section xds.</param>
    /// <param name="state">A directory.</param>
    public static string Render(DemoOptions options, LabPorts ports, string source, string state) =>
        string.Create(CultureInfo.InvariantCulture, $"""
            # Written by 'selfheal demo'.
            {source}
              listen: 127.0.0.1:{ports.Xds}
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
