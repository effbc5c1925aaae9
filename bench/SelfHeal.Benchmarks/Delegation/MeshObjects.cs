using System.Globalization;

namespace SelfHeal.Benchmarks.Delegation;

/// <summary>
/// A service with two versions whose endpoints are on loopback, behind a gateway, and another service without traffic;
/// as Istio's objects.
/// </summary>
internal static class MeshObjects
{
    public const string Host = "reviews.default.svc.cluster.local";
    public const string Stable = $"outbound|9080|v1|{Host}";
    public const string Canary = $"outbound|9080|v2|{Host}";
    public const string OtherCluster = "outbound|9080||other.default.svc.cluster.local";
    public const string ServiceEntries = "serviceentries";
    public const string OtherEntry = $"{ServiceEntries}/other";

    private const string VirtualServices = "virtualservices";

    /// <summary>The service without traffic.</summary>
    public static string Other { get; } = Entry("other", (9, "v1"));

    /// <summary>Makes all but <see cref="Other"/>, with weights of 90 and 10.</summary>
    /// <param name="api">Where.</param>
    /// <param name="listener">The port of the gateway.</param>
    /// <param name="stable">The port of one version.</param>
    /// <param name="canary">The port of the other one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task CreateAsync(
        MeshApi api, int listener, int stable, int canary, CancellationToken cancellationToken)
    {
        await api.CreateAsync(ServiceEntries, Entry("reviews", (stable, "v1"), (canary, "v2")), cancellationToken);
        await api.CreateAsync("destinationrules", Object("DestinationRule", "reviews", $$"""
            "host": "{{Host}}", "trafficPolicy": { "tls": { "mode": "DISABLE" } },
            "subsets": [
              { "name": "v1", "labels": { "version": "v1" } }, { "name": "v2", "labels": { "version": "v2" } } ]
            """), cancellationToken);
        await api.CreateAsync("gateways", Object("Gateway", "edge", string.Create(CultureInfo.InvariantCulture, $$"""
            "selector": { "istio": "edge" },
            "servers": [ {
              "port": { "number": {{listener}}, "name": "http", "protocol": "HTTP" },
              "bind": "127.0.0.1", "hosts": ["*"] } ]
            """)), cancellationToken);
        await api.CreateAsync(VirtualServices, Object("VirtualService", "reviews", $$"""
            "hosts": ["{{Host}}"], "gateways": ["default/edge"], {{Routes(90)}}
            """), cancellationToken);
    }

    /// <summary>Gives the stable version so many percent.</summary>
    public static Task SplitAsync(MeshApi api, int percent, CancellationToken cancellationToken) => api.PatchAsync(
        $"{VirtualServices}/reviews", $$"""{ "spec": { {{Routes(percent)}} } }""", cancellationToken);

    /// <summary>
    /// A route with a regular expression beside the one with the weights: Envoy compiles it again with every new
    /// version of its configuration.
    /// </summary>
    private static string Routes(int percent) => string.Create(CultureInfo.InvariantCulture, $$"""
        "http": [
          { "name": "reports", "match": [ { "uri": { "regex": "/reports/[a-z]+/all" } } ], "route": [
            { "destination": { "host": "{{Host}}", "subset": "v1", "port": { "number": 9080 } } } ] },
          { "name": "primary", "route": [
            { "destination": { "host": "{{Host}}", "subset": "v1", "port": { "number": 9080 } },
              "weight": {{percent}} },
            { "destination": { "host": "{{Host}}", "subset": "v2", "port": { "number": 9080 } },
              "weight": {{100 - percent}} } ] } ]
        """);

    private static string Entry(string name, params (int Port, string Version)[] endpoints)
    {
        var all = endpoints.Select(static endpoint => string.Create(CultureInfo.InvariantCulture, $$"""
            { "address": "127.0.0.1", "ports": { "http": {{endpoint.Port}} },
              "labels": { "version": "{{endpoint.Version}}" } }
            """));
        return Object("ServiceEntry", name, $$"""
            "hosts": ["{{name}}.default.svc.cluster.local"], "location": "MESH_INTERNAL", "resolution": "STATIC",
            "ports": [ { "number": 9080, "name": "http", "protocol": "HTTP" } ],
            "endpoints": [ {{string.Join(", ", all)}} ]
            """);
    }

    private static string Object(string kind, string name, string spec) => $$"""
        { "apiVersion": "networking.istio.io/v1", "kind": "{{kind}}",
          "metadata": { "name": "{{name}}", "namespace": "default" }, "spec": { {{spec}} } }
        """;
}
