using System.Globalization;
using System.Text;
using SelfHeal.Core.Time;
using SelfHeal.Lab.Processes;

namespace SelfHeal.Lab.Swaps;

/// <summary>
/// A seeded sequence of whole configurations for one gateway. From one to the next clusters come, change under their
/// names and go, and the routes change with them: what a rollout does to a gateway, at its worst.
/// </summary>
/// <param name="random">Draws every step; the same seed gives the same sequence.</param>
/// <param name="ports">Where the gateway listens, and the two upstream servers behind it.</param>
public sealed class SwapPlan(IRandomSource random, LabPorts ports)
{
    // Few names, so that a name often goes and comes back changed.
    private const int Names = 8;
    private const int ActiveMax = 4;

    private readonly SwapCluster?[] _active = new SwapCluster?[Names];

    /// <summary>How many steps were made.</summary>
    public int Step { get; private set; }

    /// <summary>Names the latest step: its only virtual host is called so.</summary>
    public string Marker => string.Create(CultureInfo.InvariantCulture, $"step-{Step}");

    /// <summary>The next step: every resource of the gateway as one YAML text.</summary>
    public string Next()
    {
        Step++;
        for (var index = 0; index < Names; index++)
        {
            // A third go, a third of what stays changes.
            if (_active[index] is { } cluster)
                _active[index] = OneIn(3) ? null : OneIn(3) ? Draw(cluster.IsDiscovered) : cluster;
        }
        var wanted = 1 + random.NextInt32(ActiveMax);
        while (_active.Count(static cluster => cluster is not null) < wanted)
            _active[random.NextInt32(Names)] ??= Draw(isDiscovered: OneIn(2));
        return Render();
    }

    private static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"swap-{index}");

    private bool OneIn(int times) => random.NextInt32(times) == 0;

    private SwapCluster Draw(bool isDiscovered) => new(
        isDiscovered, 1 + random.NextInt32(9), OneIn(2) ? ports.Stable : ports.Canary, 1 + random.NextInt32(100));

    private string Render()
    {
        var text = new StringBuilder("resources:\n");
        var split = new StringBuilder();
        for (var index = 0; index < Names; index++)
        {
            if (_active[index] is not { } cluster)
                continue;
            AppendCluster(text, NameOf(index), cluster);
            split.Append(CultureInfo.InvariantCulture, $"{{ name: {NameOf(index)}, weight: {cluster.Weight} }}, ");
        }
        return text.Append(CultureInfo.InvariantCulture, $$"""
            - "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
              name: swap-routes
              virtual_hosts:
              - name: {{Marker}}
                domains: ["*"]
                routes:
                - match: { prefix: "/" }
                  route: { timeout: 5s, weighted_clusters: { clusters: [{{split}}] } }

            """).ToString();
    }

    private static void AppendCluster(StringBuilder text, string name, SwapCluster cluster)
    {
        var endpoints = string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            cluster_name: {{name}}, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address:
                { address: 127.0.0.1, port_value: {{cluster.Port}} } } } }] }]
            """);
        var source = cluster.IsDiscovered
            ? "type: EDS, eds_cluster_config: { eds_config: { ads: {}, resource_api_version: V3 } }"
            : $"type: STATIC, load_assignment: {{ {endpoints} }}";
        text.Append(CultureInfo.InvariantCulture, $$"""
            - { "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster, name: {{name}},
                connect_timeout: {{cluster.ConnectSeconds}}s, {{source}} }

            """);
        if (cluster.IsDiscovered)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                - { "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment, {{endpoints}} }

                """);
        }
    }

    private sealed record SwapCluster(bool IsDiscovered, int ConnectSeconds, int Port, int Weight);
}
