using System.Globalization;
using System.Text;

namespace SelfHeal.Benchmarks.Rejections;

/// <summary>Many clusters in one file of a served directory; each write changes all of them.</summary>
/// <param name="directory">What is served.</param>
/// <param name="count">How many clusters.</param>
internal sealed class ClusterFile(string directory, int count)
{
    private int _version;

    /// <summary>What the good clusters of the latest write carry as <c>alt_stat_name</c>.</summary>
    public string StatName => string.Create(CultureInfo.InvariantCulture, $"v{_version}");

    /// <summary>All clusters anew, none of them bad.</summary>
    public void WriteGood() => Write(culprit: -1);

    /// <summary>All clusters anew, one of them bad, with content that was never there before.</summary>
    public void WriteBad(int culprit) => Write(culprit);

    /// <summary>One cluster in another file, changed at each call.</summary>
    public void WriteOther(int version) => Replace(
        "other.json", $"[{Cluster("other", string.Create(CultureInfo.InvariantCulture, $"other-{version}"), 1)}]");

    private void Write(int culprit)
    {
        _version++;
        var text = new StringBuilder("[\n");
        for (var index = 0; index < count; index++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"cluster-{index:D4}");
            text.Append(index == 0 ? "" : ",\n");
            text.Append(Cluster(name, index == culprit ? RejectingClient.Bad : StatName, _version));
        }

        Replace("many.json", text.Append("\n]\n").ToString());
    }

    private static string Cluster(string name, string statName, int timeoutMillis) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        { "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", "name": "{{name}}", "type": "STATIC",
          "alt_stat_name": "{{statName}}", "connect_timeout": "{{1 + (timeoutMillis / 1000.0):F3}}s",
          "load_assignment": { "cluster_name": "{{name}}", "endpoints": [{ "lb_endpoints": [{ "endpoint":
            { "address": { "socket_address": { "address": "127.0.0.1", "port_value": 9 } } } }] }] } }
        """);

    private void Replace(string name, string text)
    {
        var next = Path.Combine(directory, $".{name}.next");
        File.WriteAllText(next, text);
        File.Move(next, Path.Combine(directory, name), overwrite: true);
    }
}
