using System.Collections.Immutable;
using System.Globalization;

namespace SelfHeal.Lab.Mesh;

/// <summary>A running API server and Istiod, as variables of the environment name them.</summary>
/// <param name="XdsHost">Where Istiod's ADS without TLS is: the host.</param>
/// <param name="XdsPort">The port.</param>
/// <param name="Metrics">Host and port of Istiod's metrics; null where they are not named.</param>
/// <param name="Kubectl">A command line, as a shell reads it.</param>
public sealed record MeshAddresses(string XdsHost, int XdsPort, string? Metrics, string Kubectl)
{
    /// <summary>What to tell someone who has none.</summary>
    public const string HowToGet =
        "A program 'mesh' that starts an API server and Istiod sets all of them: make demo MODE=istio finds it by "
        + "MESH_BIN or PATH. Or name your own, one for tests: kubectl -n istio-system port-forward deploy/istiod 15010 "
        + "15014, then ISTIOD_XDS=127.0.0.1:15010 ISTIOD_METRICS=127.0.0.1:15014 KUBECTL=kubectl.";

    private const string XdsVariable = "ISTIOD_XDS";
    private const string MetricsVariable = "ISTIOD_METRICS";
    private const string KubectlVariable = "KUBECTL";

    /// <summary>Istiod's ADS as host and port.</summary>
    public string Xds => string.Create(CultureInfo.InvariantCulture, $"{XdsHost}:{XdsPort}");

    /// <summary>Reads the environment.</summary>
    /// <param name="variable">The value of a variable; null if it is not set.</param>
    /// <param name="problems">Everything that is missing or is not what it should be.</param>
    /// <returns>Null if there are problems.</returns>
    public static MeshAddresses? Find(Func<string, string?> variable, out ImmutableArray<string> problems)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var found = ImmutableArray.CreateBuilder<string>();
        var (host, port) = ("", 0);
        if (variable(XdsVariable) is not { Length: > 0 } xds)
            found.Add($"{XdsVariable} is not set; expected host:port of Istiod's ADS without TLS");
        else if (!TryParse(xds, out host, out port))
            found.Add($"{XdsVariable} is '{xds}'; expected host:port");
        var metrics = variable(MetricsVariable) is { Length: > 0 } text ? text : null;
        if (metrics is not null && !TryParse(metrics, out _, out _))
            found.Add($"{MetricsVariable} is '{metrics}'; expected host:port");
        if (variable(KubectlVariable) is not { Length: > 0 } kubectl)
        {
            kubectl = "";
            found.Add($"{KubectlVariable} is not set; expected a command line such as kubectl --kubeconfig FILE");
        }

        problems = found.ToImmutable();
        return problems.IsEmpty ? new MeshAddresses(host, port, metrics, kubectl) : null;
    }

    private static bool TryParse(string text, out string host, out int port)
    {
        var colon = text.LastIndexOf(':');
        host = colon > 0 ? text[..colon] : "";
        return int.TryParse(
                text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && host.Length > 0 && port is > 0 and <= ushort.MaxValue;
    }
}
