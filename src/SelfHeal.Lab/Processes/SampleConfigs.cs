using System.Globalization;
using System.Text.RegularExpressions;

namespace SelfHeal.Lab.Processes;

/// <summary>
/// Writes the files of <c>samples/envoy-configs/</c> into a directory with other ports and another flush interval, so
/// that what the demo runs is what a user starts from.
/// </summary>
public static partial class SampleConfigs
{
    /// <summary>The bootstrap that the demo uses, relative to the directory written.</summary>
    public const string Bootstrap = "bootstrap-ads.yaml";

    /// <summary>The bootstrap of a gateway whose configuration comes from Istiod.</summary>
    public const string IstioBootstrap = "bootstrap-istio.yaml";

    /// <summary>The directory that SelfHeal serves from, relative to the directory written.</summary>
    public const string Resources = "resources";

    private const string Prefix = "samples/";

    /// <summary>Writes all of them, keeping their relative paths.</summary>
    /// <param name="directory">Made when it is not there.</param>
    /// <param name="ports">What replaces <see cref="LabPorts.Samples"/>.</param>
    /// <param name="flush">Replaces <c>stats_flush_interval</c>.</param>
    /// <returns>The relative paths written, ordinally sorted.</returns>
    public static IReadOnlyList<string> Write(string directory, LabPorts ports, TimeSpan flush)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(ports);
        var assembly = typeof(SampleConfigs).Assembly;
        var written = new List<string>();
        foreach (var name in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (!name.StartsWith(Prefix, StringComparison.Ordinal))
                continue;
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)
                ?? throw new LabException($"the embedded sample {name} cannot be read"));
            var relative = name[Prefix.Length..];
            var path = Path.Combine(directory, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? directory);
            File.WriteAllText(path, Render(reader.ReadToEnd(), ports, flush));
            written.Add(relative);
        }

        return written;
    }

    /// <summary>Replaces ports and flush interval in one text.</summary>
    /// <param name="yaml">Envoy YAML with the ports of <see cref="LabPorts.Samples"/>.</param>
    /// <param name="ports">The ports instead.</param>
    /// <param name="flush">The flush interval instead.</param>
    public static string Render(string yaml, LabPorts ports, TimeSpan flush)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        ArgumentNullException.ThrowIfNull(ports);
        var samples = LabPorts.Samples;
        var map = new Dictionary<int, int>
        {
            [samples.Listener] = ports.Listener,
            [samples.Stable] = ports.Stable,
            [samples.Canary] = ports.Canary,
            [samples.Xds] = ports.Xds,
            [samples.EnvoyAdmin] = ports.EnvoyAdmin,
            [samples.Istiod] = ports.Istiod,
        };
        var withPorts = PortValue().Replace(yaml, match =>
        {
            var port = int.Parse(match.Groups["port"].ValueSpan, CultureInfo.InvariantCulture);
            var other = map.GetValueOrDefault(port, port);
            return match.Groups["key"].Value + other.ToString(CultureInfo.InvariantCulture);
        });
        return FlushInterval().Replace(withPorts, match =>
            string.Create(CultureInfo.InvariantCulture, $"{match.Groups["key"].Value}{flush.TotalSeconds:0.###}s"));
    }

    [GeneratedRegex(@"(?<key>port_value:\s*)(?<port>\d+)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PortValue();

    [GeneratedRegex(@"(?<key>stats_flush_interval:\s*)\S+?(?=[\s,}]|$)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FlushInterval();
}
