using System.Security.Cryptography;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using SelfHeal.Core.Time;
using SelfHeal.Grpc;

namespace SelfHeal.Lab.DataPlane;

/// <summary>
/// Our own model of an Envoy, for machines without one: it gets clusters, endpoints, listeners and routes over ADS,
/// carries real HTTP requests by weight, and sends its stats as Envoy does.
/// </summary>
public sealed class ModelEnvoy : IDataPlane
{
    private const string Service = "envoy.service.discovery.v3.AggregatedDiscoveryService/";

    private readonly ModelEnvoyOptions _options;
    private readonly TimeProvider _time;
    private readonly Node _node;
    private readonly GrpcChannel _adsChannel;
    private readonly GrpcChannel _metricsChannel;
    private readonly ModelStats _stats;
    private readonly ModelResources _resources;
    private readonly ModelProxy _proxy;
    private readonly ModelListeners _listeners;
    private readonly StatsSink _sink;
    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;

    /// <summary>Prepares the model; nothing connects before <see cref="Start"/>.</summary>
    /// <param name="options">Its bootstrap.</param>
    /// <param name="time">The clock of flushes, back-off and stamps.</param>
    public ModelEnvoy(ModelEnvoyOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.FlushInterval, TimeSpan.FromMilliseconds(10));
        _options = options;
        _time = time;
        _node = new Node { Id = options.NodeId, Cluster = options.NodeCluster, UserAgentName = "selfheal-model-envoy" };

        // Envoy sets no limit on what a control plane sends; 64 MiB is more than any answer seen.
        var channelOptions = new GrpcChannelOptions { MaxReceiveMessageBytes = 64 * 1024 * 1024 };
        _adsChannel = new GrpcChannel(time, options.AdsAddress.GetLeftPart(UriPartial.Authority), channelOptions);
        var metrics = options.MetricsAddress ?? options.AdsAddress;
        _metricsChannel = new GrpcChannel(time, metrics.GetLeftPart(UriPartial.Authority), channelOptions);
        _stats = new ModelStats(time);
        _resources = new ModelResources(_stats, Faults, OnChanged);
        _proxy = new ModelProxy(_resources, _stats, new SeededRandomSource(options.Seed));
        _listeners = new ModelListeners(_resources, _proxy);
        _sink = new StatsSink(_metricsChannel, _node, _stats, options.FlushInterval, time);
    }

    /// <inheritdoc/>
    public string Description => "SelfHeal's own model of an Envoy (no real Envoy was found or wanted)";

    /// <inheritdoc/>
    public Uri Listener => _listeners.Address
        ?? throw new InvalidOperationException("no listener yet: await WaitReadyAsync first");

    /// <inheritdoc/>
    public string? Failure => _run.IsCompleted && _run != Task.CompletedTask
        ? $"the model has ended: {_run.Exception?.GetBaseException().Message ?? "it was stopped"}"
        : null;

    /// <summary>How it misbehaves towards its control plane.</summary>
    public ModelFaults Faults { get; } = new();

    /// <summary>Connects, and keeps trying; a second call is an error.</summary>
    public void Start()
    {
        if (_run != Task.CompletedTask)
            throw new InvalidOperationException("the model was started already");
        _run = Task.WhenAll(
            RunAdsAsync(_stop.Token), _sink.RunAsync(_stop.Token), _listeners.RunAsync(_stop.Token));
    }

    /// <inheritdoc/>
    public async Task WaitReadyAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();

        // Bounded by the timeout.
        while (_listeners.Address is null)
        {
            if (_run.IsCompleted)
                await _run;
            if (_time.GetElapsedTime(start) > timeout)
                throw new LabException($"no listener with routes came from {_options.AdsAddress} within {timeout}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public Task<string?> RouteDigestAsync(string routeConfiguration, CancellationToken cancellationToken)
    {
        var held = _resources.Current.Of(ModelResourceType.Route).GetValueOrDefault(routeConfiguration);
        var digest = held is null ? null : Convert.ToHexStringLower(SHA256.HashData(held.Any.Value.Span));
        return Task.FromResult(digest);
    }

    /// <summary>The value of one of its stats under Envoy's name; 0 for one that was never touched.</summary>
    /// <param name="name">Such as <c>cluster.payments-v2.upstream_rq_5xx</c>.</param>
    public long Stat(string name) => _stats.Value(name);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _run;
        }
        finally
        {
            _sink.Dispose();
            _proxy.Dispose();
            _adsChannel.Dispose();
            _metricsChannel.Dispose();
            _stop.Dispose();
        }
    }

    private Task RunAdsAsync(CancellationToken cancellationToken)
    {
        var random = new SeededRandomSource(_options.Seed + 1);
        return _options.Delta
            ? new AdsClient<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(
                _adsChannel,
                Service + "DeltaAggregatedResources",
                DeltaDiscoveryResponse.Parser,
                new DeltaSession(_node, _resources),
                Faults,
                random,
                _time).RunAsync(cancellationToken)
            : new AdsClient<DiscoveryRequest, DiscoveryResponse>(
                _adsChannel,
                Service + "StreamAggregatedResources",
                DiscoveryResponse.Parser,
                new SotwSession(_node, _resources),
                Faults,
                random,
                _time).RunAsync(cancellationToken);
    }

    private void OnChanged() => _listeners.OnChanged();
}
