using System.Buffers;
using System.Globalization;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.FunctionalTests.Grpc;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.FunctionalTests.Lab.Processes;
using SelfHeal.Grpc;
using SelfHeal.Lab.Processes;
using SelfHeal.Xds.Stats;

namespace SelfHeal.FunctionalTests.Sidecar;

/// <summary>A real Envoy with two stats sinks, one of which sends full names and the other labels: both must name the
/// same series. They are two streams of one node at once, too.</summary>
[CancelAfter(60_000)]
internal sealed class EnvoyLabelsTests : GrpcTestBase
{
    private const string ConnectionManager = "type.googleapis.com/"
        + "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

    private readonly SeriesSink _sink = new();

    [Test]
    public async Task StreamMetrics_FullNamesAndLabels_GiveTheSameSeries(CancellationToken cancellationToken)
    {
        var binary = PeerRequirement.Needs(EnvoyBinary.Find(), "an Envoy (ENVOY_BIN or PATH)");
        var directory = System.IO.Directory.CreateTempSubdirectory("selfheal-labels-").FullName;
        try
        {
            var ports = LabPorts.Free();
            var bootstrap = Path.Combine(directory, "bootstrap.yaml");
            await File.WriteAllTextAsync(bootstrap, Bootstrap(ports), cancellationToken);
            await using var envoy = EnvoyProcess.Start(
                binary, bootstrap, ports, Path.Combine(directory, "envoy.log"), TimeProvider.System);
            await envoy.WaitReadyAsync(TimeSpan.FromSeconds(30), cancellationToken);
            using var client = new HttpClient();
            foreach (var path in (string[])["/dead", "/dead", "/none", "/dotted"])
            {
                using var response = await client.GetAsync(new Uri(envoy.Listener, path), cancellationToken);
                Assert.That((int)response.StatusCode, Is.GreaterThanOrEqualTo(400));
            }

            await Eventually.HoldsAsync(_sink.IsComplete, "both sinks have sent the failures and agree");
        }
        catch (TimeoutException exception)
        {
            Assert.Fail($"{exception.Message}: {_sink.Differences()}");
        }
        finally
        {
            System.IO.Directory.Delete(directory, recursive: true);
        }
    }

    protected override GrpcService[] ExtraServices() =>
    [
        new GrpcService("envoy.service.metrics.v3.MetricsService").Raw(
            "StreamMetrics",
            _ => new Handler(_sink),
            new GrpcServiceOptions { MaxReceiveMessageBytes = 64 * 1024 * 1024 }),
    ];

    private string Bootstrap(LabPorts ports) => string.Create(CultureInfo.InvariantCulture, $$"""
        node: { id: envoy-1, cluster: edge }
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: {{ports.EnvoyAdmin}} } } }
        stats_flush_interval: 0.5s
        stats_sinks:
        - name: envoy.stat_sinks.metrics_service
          typed_config:
            "@type": type.googleapis.com/envoy.config.metrics.v3.MetricsServiceConfig
            transport_api_version: V3
            grpc_service: { envoy_grpc: { cluster_name: selfheal } }
        - name: envoy.stat_sinks.metrics_service
          typed_config:
            "@type": type.googleapis.com/envoy.config.metrics.v3.MetricsServiceConfig
            transport_api_version: V3
            grpc_service: { envoy_grpc: { cluster_name: selfheal } }
            emit_tags_as_labels: true
        static_resources:
          listeners:
          - name: edge
            address: { socket_address: { address: 127.0.0.1, port_value: {{ports.Listener}} } }
            filter_chains:
            - filters:
              - name: envoy.filters.network.http_connection_manager
                typed_config:
                  "@type": {{ConnectionManager}}
                  stat_prefix: ingress_http
                  route_config:
                    name: routes
                    virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes:
                      - { match: { prefix: /dead }, route: { cluster: dead } }
                      - { match: { prefix: /dotted }, route: { cluster: svc-4.ns4.example } }
                  http_filters:
                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
          clusters:
          - name: selfheal
            type: STATIC
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                explicit_http_config: { http2_protocol_options: {} }
            load_assignment:
              cluster_name: selfheal
              endpoints:
              - lb_endpoints:
                - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{Server.Port}} } } }
          - name: dead
            type: STATIC
            load_assignment:
              cluster_name: dead
              endpoints:
              - lb_endpoints:
                - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{ports.Stable}} } } }
          - name: svc-4.ns4.example
            type: STATIC
            load_assignment:
              cluster_name: svc-4.ns4.example
              endpoints:
              - lb_endpoints:
                - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{ports.Canary}} } } }
        """);

    private sealed class Handler(SeriesSink sink) : IGrpcRawHandler
    {
        private readonly MetricsStreamReader _reader = new(
            sink.NextStream(), new MetricsStreamOptions(), new FlushBatchPool(), sink);

        public void OnMessageStart(int length) => _reader.OnMessageStart(length);

        public GrpcStatus? OnPart(ReadOnlySequence<byte> part, bool end) => _reader.OnPart(part, end, default)
            ? null
            : new GrpcStatus(GrpcStatusCode.InvalidArgument, _reader.Error.ToString());

        public ReadOnlyMemory<byte> Complete() => default;

        public void OnEnd(GrpcStatus status) => _reader.OnClosed();
    }

    /// <summary>The keys of the newest flush of each mode.</summary>
    private sealed class SeriesSink : IFlushSink
    {
        private readonly Lock _lock = new();
        private HashSet<SeriesKey> _names = [];
        private HashSet<SeriesKey> _labels = [];
        private long _streams;

        public long NextStream() => Interlocked.Increment(ref _streams);

        public void StreamOpened(long stream, string node, string nodeCluster, ControlTime now)
        {
        }

        public void Post(FlushBatch batch)
        {
            var keys = new HashSet<SeriesKey>();
            var hasLabels = false;
            foreach (var index in (int[])[.. batch.Indexes, .. batch.HistogramIndexes])
            {
                keys.Add(batch.Catalog[index].Key);
                hasLabels |= batch.Catalog[index].FullName.Contains('{', StringComparison.Ordinal);
            }

            lock (_lock)
            {
                // Each flush is compared in whole: what was added by the other mode is not there.
                if (hasLabels)
                    _labels = keys;
                else
                    _names = keys;
            }
        }

        public bool IsComplete()
        {
            lock (_lock)
            {
                return _names.Contains(new SeriesKey(StatScope.Cluster, "dead", Stat.UpstreamRq5xx))
                    && _names.Contains(new SeriesKey(StatScope.Cluster, "svc-4.ns4.example", Stat.UpstreamRq5xx))
                    && _names.Contains(new SeriesKey(StatScope.HttpConnectionManager, "ingress_http", Stat.NoRoute))
                    && _names.SetEquals(_labels);
            }
        }

        public string Differences()
        {
            lock (_lock)
            {
                return $"of {_names.Count} names, only as names: {string.Join("; ", _names.Except(_labels))}; "
                    + $"only as labels: {string.Join("; ", _labels.Except(_names))}";
            }
        }
    }
}
