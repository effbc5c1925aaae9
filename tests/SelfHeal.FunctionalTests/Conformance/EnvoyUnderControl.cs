using System.Globalization;
using Envoy.Config.Core.V3;
using Google.Protobuf;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.FunctionalTests.Lab.Processes;
using SelfHeal.Lab.Processes;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>A real Envoy that takes its configuration from a server in one of the variants.</summary>
internal sealed class EnvoyUnderControl : IAsyncDisposable
{
    private readonly string _directory;
    private readonly EnvoyProcess _process;

    private EnvoyUnderControl(string directory, EnvoyProcess process)
    {
        _directory = directory;
        _process = process;
    }

    /// <summary>Starts it; it is not ready yet.</summary>
    /// <param name="on">How it asks.</param>
    /// <param name="ports">Its own.</param>
    /// <param name="xds">The server's port.</param>
    /// <param name="mute">The port of something that never answers, for the cluster <c>mute</c>.</param>
    public static EnvoyUnderControl Start(Variant on, LabPorts ports, int xds, int mute = 1)
    {
        var binary = PeerRequirement.Needs(EnvoyBinary.Find(), "an Envoy (ENVOY_BIN or PATH)");
        var directory = Directory.CreateTempSubdirectory("sh-envoy-").FullName;
        var bootstrap = Path.Combine(directory, "bootstrap.yaml");
        File.WriteAllText(bootstrap, Bootstrap(on, ports, xds, mute));
        var log = Path.Combine(directory, "envoy.log");
        return new EnvoyUnderControl(
            directory, EnvoyProcess.Start(binary, bootstrap, ports, log, TimeProvider.System));
    }

    /// <summary>Where a resource says that another one comes from.</summary>
    public static ConfigSource Source(Variant on, string cluster = "selfheal") => Variant.Ads.HasFlag(on)
        ? Content.Ads()
        : new ConfigSource { ResourceApiVersion = ApiVersion.V3, ApiConfigSource = Api(on, cluster) };

    /// <summary>A server of one type, whatever the variant's own is.</summary>
    public static ApiConfigSource Api(Variant on, string cluster) => new()
    {
        ApiType = Variant.Delta.HasFlag(on)
            ? ApiConfigSource.Types.ApiType.DeltaGrpc
            : ApiConfigSource.Types.ApiType.Grpc,
        TransportApiVersion = ApiVersion.V3,
        GrpcServices =
        {
            new GrpcService { EnvoyGrpc = new GrpcService.Types.EnvoyGrpc { ClusterName = cluster } },
        },
    };

    public async Task WaitReadyAsync()
    {
        await _process.WaitReadyAsync(TestTimeouts.Default, CancellationToken.None);
        ConformanceRun.RecordVersion(string.Join(' ', _process.Description.Split(' ').Take(2)));
    }

    /// <summary>A counter or gauge.</summary>
    public async Task<long> StatAsync(string name)
    {
        var text = await _process.AdminAsync($"/stats?filter=^{name}$", CancellationToken.None);
        return text.Split(": ") is [_, var value] ? long.Parse(value, CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>Waits until a counter or gauge has a value.</summary>
    public Task StatIsAsync(string name, long expected) => Eventually.HoldsAsync(
        async () => await StatAsync(name) == expected, $"{name} is {expected}", TestTimeouts.Default);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static string Bootstrap(Variant on, LabPorts ports, int xds, int mute)
    {
        var api = JsonFormatter.Default.Format(Api(on, "selfheal"));
        var isAds = Variant.Ads.HasFlag(on);
        var source = JsonFormatter.Default.Format(Source(on));
        return string.Create(CultureInfo.InvariantCulture, $$"""
            node: { id: envoy, cluster: conformance }
            admin: { address: { socket_address: { address: 127.0.0.1, port_value: {{ports.EnvoyAdmin}} } } }
            dynamic_resources:
              {{(isAds ? $"ads_config: {api}" : "")}}
              cds_config: {{source}}
              lds_config: {{source}}
            static_resources:
              clusters: [ {{Http2Cluster("selfheal", xds)}}, {{Http2Cluster("mute", mute)}} ]
            """);
    }

    private static string Http2Cluster(string name, int port) => string.Create(CultureInfo.InvariantCulture, $$"""
        { name: {{name}}, type: STATIC, typed_extension_protocol_options: {
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {
            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions,
            explicit_http_config: { http2_protocol_options: {} } } },
          load_assignment: { cluster_name: {{name}}, endpoints: [ { lb_endpoints: [ { endpoint: {
            address: { socket_address: { address: 127.0.0.1, port_value: {{port}} } } } } ] } ] } }
        """).ReplaceLineEndings(" ");
}
