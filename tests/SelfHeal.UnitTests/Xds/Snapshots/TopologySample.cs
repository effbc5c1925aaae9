using SelfHeal.Core.Topology;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.UnitTests.Xds.Snapshots;

/// <summary>Resources as users write them, in YAML's flow style, one line each.</summary>
internal static class TopologySample
{
    public const string GrpcStats = "{name: envoy.filters.http.grpc_stats, typed_config: "
        + "{\"@type\": type.googleapis.com/envoy.extensions.filters.http.grpc_stats.v3.FilterConfig}}";

    public const string GrpcWeb = "{name: envoy.filters.http.grpc_web, typed_config: "
        + "{\"@type\": type.googleapis.com/envoy.extensions.filters.http.grpc_web.v3.GrpcWeb}}";

    public const string Http2 = "typed_extension_protocol_options: "
        + "{envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {\"@type\": "
        + "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, "
        + "explicit_http_config: {http2_protocol_options: {}}}}";

    private const string Type = "\"@type\": type.googleapis.com/envoy.";
    private const string Router = "{name: envoy.filters.http.router, typed_config: {"
        + Type + "extensions.filters.http.router.v3.Router}}";

    public static string Cluster(string name, string more = "") =>
        $"{{{Type}config.cluster.v3.Cluster, name: \"{name}\", connect_timeout: 1s"
        + $"{(more.Length > 0 ? ", " : "")}{more}}}";

    /// <summary>A route configuration with one virtual host.</summary>
    public static string Routes(string name, params string[] routes) =>
        $"{{{Type}config.route.v3.RouteConfiguration, {Configuration(name, routes)}}}";

    /// <summary>The fields of a route configuration.</summary>
    public static string Configuration(string name, params string[] routes) =>
        $"name: {name}, virtual_hosts: [{{name: shop, domains: [\"*\"], routes: [{string.Join(", ", routes)}]}}]";

    public static string Weighted(string match, params (string Cluster, int Weight)[] shares) =>
        $"{{match: {{{match}}}, route: {{weighted_clusters: {{clusters: ["
        + string.Join(", ", shares.Select(static share => $"{{name: \"{share.Cluster}\", weight: {share.Weight}}}"))
        + "]}}}";

    public static string To(string match, string cluster, string more = "") =>
        $"{{match: {{{match}}}, route: {{cluster: \"{cluster}\"{(more.Length > 0 ? ", " : "")}{more}}}}}";

    /// <summary>A listener whose connection manager takes its routes from <paramref name="routes"/>.</summary>
    public static string Listener(string name, string routes, params string[] filters) =>
        $"{{{Type}config.listener.v3.Listener, name: {name}, address: {{socket_address: {{address: 127.0.0.1, "
        + "port_value: 80}}, filter_chains: [{filters: [{name: http, typed_config: {"
        + $"{Type}extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: in, "
        + $"{routes}, http_filters: [{string.Join(", ", [.. filters, Router])}]}}}}]}}]}}";

    public static string Rds(string name) =>
        $"rds: {{route_config_name: {name}, config_source: {{ads: {{}}, resource_api_version: V3}}}}";

    public static string TcpListener(string name, params (string Cluster, int Weight)[] shares) =>
        $"{{{Type}config.listener.v3.Listener, name: {name}, address: {{socket_address: {{address: 127.0.0.1, "
        + "port_value: 80}}, filter_chains: [{filters: [{name: tcp, typed_config: {"
        + $"{Type}extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: in, weighted_clusters: {{clusters: ["
        + string.Join(", ", shares.Select(static share => $"{{name: \"{share.Cluster}\", weight: {share.Weight}}}"))
        + "]}}}]}]}";

    public static string Scope(string name, string routes) =>
        $"{{{Type}config.route.v3.ScopedRouteConfiguration, name: {name}, {routes}, "
        + "key: {fragments: [{string_key: a}]}}";

    public static string Host(string name, params string[] routes) =>
        $"{{{Type}config.route.v3.VirtualHost, name: {name}, domains: [shop], "
        + $"routes: [{string.Join(", ", routes)}]}}";

    public static GatewayTopology Read(params string[] resources) => TopologyReader.Read(Snapshot(resources));

    /// <summary>The resources as relayed ones: their references are another control plane's.</summary>
    public static ValidatedSnapshot Snapshot(params string[] resources)
    {
        var text = $"resources:\n{string.Concat(resources.Select(static resource => $"- {resource}\n"))}";
        var parsed = ResourceFileParser.Parse([new ResourceFile("sample.yaml", text)]);
        Assert.That(parsed.Errors, Is.Empty);
        var validator = new SnapshotValidator(new SnapshotValidatorOptions { CheckReferences = false });
        var validation = validator.Validate(SelfHeal.Xds.Snapshots.Snapshot.Create(parsed.Resources));
        Assert.That(validation.Errors, Is.Empty);
        return validation.Snapshot ?? throw new AssertionException("the snapshot is not valid");
    }

    /// <summary>A set as one line: service, origin, clusters.</summary>
    public static string Line(VersionSet set) =>
        $"{set.Service} {set.Origin} {string.Join(' ', set.Versions.Select(static v => $"{v.Version}={v.Cluster}"))}";

    /// <summary>A service as one line: splits, clusters.</summary>
    public static string Line(ServiceScope scope) => $"{scope.Service} {scope.Splits.Length} "
        + string.Join(' ', scope.Versions.Select(static v => $"{v.Version}={v.Cluster}:{v.Weight}"));
}
