using System.Collections.Immutable;
using System.Net;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>
/// Istiod's ADS server as its clients see it, in this process on a real port: its rules to the letter where they are
/// not those of the protocol, and none of what makes its resources. A test sets the content, pushes it, breaks what it
/// wants, and reads from <see cref="Streams"/> what came. Thread-safe.
/// </summary>
internal sealed class IstiodDouble : IAsyncDisposable
{
    private readonly IstiodDoubleOptions _options;
    private readonly IstiodContent _content;
    private readonly IstiodAdmission _admission;
    private readonly IstiodConnections _connections;
    private readonly IstiodDebounce? _debounce;
    private readonly IstiodPulse _pulse = new();
    private ImmutableList<IstiodStream> _streams = [];
    private int _refused;
    private WebApplication? _app;

    private IstiodDouble(IstiodDoubleOptions options)
    {
        _options = options;
        _content = new IstiodContent(options.TimeProvider);
        _admission = new IstiodAdmission(options);
        _connections = new IstiodConnections(options.TimeProvider, options.ConnectionAgeMax);
        _debounce = options.Debounce is { } quiet ? new IstiodDebounce(options.TimeProvider, quiet, Send) : null;
        Port = options.Port;
    }

    public int Port { get; private set; }

    /// <summary>For a channel.</summary>
    public string Address => $"{(_options.Tls is null ? "http" : "https")}://127.0.0.1:{Port}";

    /// <summary>What its server logged; errors are the double's own fault.</summary>
    public LogCollector Logs { get; } = new();

    /// <summary>All streams that were let in, ended ones too, in order.</summary>
    public IReadOnlyList<IstiodStream> Streams => Volatile.Read(ref _streams);

    public IEnumerable<IstiodStream> OpenStreams => Streams.Where(static stream => !stream.HasEnded);

    /// <summary>How many streams were not let in.</summary>
    public int RefusedStreams => Volatile.Read(ref _refused);

    public int Connections => _connections.Count;

    /// <summary>Starts one.</summary>
    /// <param name="options">Null means the defaults.</param>
    public static async Task<IstiodDouble> StartAsync(IstiodDoubleOptions? options = null)
    {
        var made = new IstiodDouble(options ?? new IstiodDoubleOptions());
        await made.StartAgainAsync();
        return made;
    }

    /// <summary>All NACKs of a type, of all streams.</summary>
    public IReadOnlyList<IstiodRequest> Rejects(string type) =>
        [.. Streams.SelectMany(static stream => stream.Rejects).Where(request => request.Type == type)];

    /// <summary>Waits for something that what is recorded makes true.</summary>
    public Task UntilAsync(Func<bool> condition) => _pulse.UntilAsync(condition);

    /// <summary>Waits for a stream that has had its first request.</summary>
    /// <param name="index">Its place in <see cref="Streams"/>.</param>
    public async Task<IstiodStream> StreamAsync(int index = 0)
    {
        await UntilAsync(() => Streams.Count > index && Streams[index].Node is not null);
        return Streams[index];
    }

    /// <summary>Sets a resource; open streams learn of it by the next push, new ones begin with it.</summary>
    public void Set(IMessage message) => _content.Set("", IstiodResource.Of(message));

    /// <summary>Sets a resource of any type by the bytes of its Any, which go out as they are.</summary>
    public void Set(string type, string name, ReadOnlyMemory<byte> body) =>
        _content.Set("", new IstiodResource(type, name, ByteString.CopyFrom(body.Span)));

    /// <summary>Sets what one node sees instead of what all others see.</summary>
    public void SetFor(string nodeId, IMessage message) => _content.Set(nodeId, IstiodResource.Of(message));

    public void Remove(string type, string name) => _content.Remove("", type, name);

    /// <summary>
    /// Pushes types to all open streams that watch them, in Istiod's order; none named: all that have changes. What is
    /// sent of a type is what Istiod sends: all of LDS, RDS and NDS, what has changed of EDS, SDS and (in delta) CDS;
    /// all that is watched when nothing has. EDS follows CDS for the changed clusters.
    /// </summary>
    public void Push(params string[] types) => Schedule(_content.TakePush(types));

    /// <summary>Pushes everything that is watched, whole, as Istiod does when the mesh's own settings change.</summary>
    public void PushAll() => Schedule(_content.TakeForcedPush());

    /// <summary>Makes it ready, when it was not from the start.</summary>
    public void MarkSynced() => _admission.IsSynced = true;

    /// <summary>Makes it refuse new streams again.</summary>
    public void MarkUnsynced() => _admission.IsSynced = false;

    /// <summary>Ends all streams with a status; connections stay.</summary>
    public void EndStreams(GrpcStatus status)
    {
        foreach (var stream in OpenStreams)
            stream.End(status);
    }

    /// <summary>Cuts all connections without a word.</summary>
    public void DropConnections() => _connections.Drop();

    /// <summary>Stops the server: streams end with UNAVAILABLE, the port is closed. Content and records stay.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _app, null) is not { } app)
            return;
        await app.StopAsync().DefaultTimeout();
        await app.DisposeAsync().DefaultTimeout();
    }

    /// <summary>Starts the server after a stop, on the port that it had.</summary>
    public async Task StartAgainAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(Logs);
        builder.Services.AddSingleton(_options.TimeProvider).AddHttpContextAccessor();
        builder.WebHost.ConfigureKestrel(options => options.ConfigureGrpcLimits().ListenGrpc(new GrpcEndpointOptions
        {
            Address = new IPEndPoint(IPAddress.Loopback, Port),
            Tls = _options.Tls,
            OnConnection = _connections.Add,
        }));
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromSeconds(5));
        var app = builder.Build();
        app.MapGrpc(CreateService(app.Services.GetRequiredService<IHttpContextAccessor>()));
        await app.StartAsync().DefaultTimeout();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>();
        Port = new Uri(addresses?.Addresses.First() ?? throw new InvalidOperationException("no address")).Port;
        _app = app;
    }

    public async ValueTask DisposeAsync()
    {
        _debounce?.Dispose();
        await StopAsync();
    }

    private GrpcService CreateService(IHttpContextAccessor http)
    {
        // Istiod waits for ever for a client that does not read.
        var options = new GrpcServiceOptions { SendTimeout = Timeout.InfiniteTimeSpan };
        return new GrpcService("envoy.service.discovery.v3.AggregatedDiscoveryService", options)
            .Duplex<DiscoveryRequest, DiscoveryResponse>(
                "StreamAggregatedResources",
                DiscoveryRequest.Parser,
                (requests, responses, call) => ServeAsync(false, requests, WireOf(responses, call, http), call))
            .Duplex<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(
                "DeltaAggregatedResources",
                DeltaDiscoveryRequest.Parser,
                (requests, responses, call) => ServeAsync(true, requests, WireOf(responses, call, http), call));
    }

    private static IstiodWire WireOf<T>(GrpcResponseWriter<T> responses, GrpcCall call, IHttpContextAccessor http)
        where T : class, IMessage<T>
    {
        var response = http.HttpContext?.Response ?? throw new InvalidOperationException("not within a request");
        return new IstiodWire(responses.WriteAsync, async (bytes, token) =>
        {
            await call.SendHeadersAsync(token);
            await response.BodyWriter.WriteAsync(bytes, CancellationToken.None);
        });
    }

    private async Task ServeAsync<T>(bool isDelta, GrpcRequestReader<T> requests, IstiodWire wire, GrpcCall call)
        where T : class, IMessage<T>
    {
        try
        {
            await _admission.AdmitAsync(isDelta, call.CancellationToken);
        }
        catch (GrpcException)
        {
            Interlocked.Increment(ref _refused);
            _pulse.Fire();
            throw;
        }
        var stream = new IstiodStream(isDelta, call, wire, () => _content.Snapshot, _pulse);
        ImmutableInterlocked.Update(ref _streams, streams => streams.Add(stream));
        _pulse.Fire();
        await stream.RunAsync(requests, call.CancellationToken);
    }

    private void Schedule(IstiodPush push)
    {
        if (_debounce is { } debounce)
            debounce.Add(push);
        else
            Send(push);
    }

    private void Send(IstiodPush push)
    {
        foreach (var stream in OpenStreams)
            stream.Push(push);
    }
}
