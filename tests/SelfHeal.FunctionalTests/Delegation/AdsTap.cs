using System.Collections.Immutable;
using System.Net;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SelfHeal.Grpc;
using SelfHeal.Xds.Delegation;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>
/// Stands in an ADS connection, passes everything on and remembers every <c>Any</c> that goes to the client, as the
/// bytes that it is. A stream ends on one side when it ends on the other.
/// </summary>
internal sealed class AdsTap : IAsyncDisposable
{
    private const string Service = "envoy.service.discovery.v3.AggregatedDiscoveryService";

    private readonly GrpcChannel _upstream;
    private readonly Lock _lock = new();
    private WebApplication? _app;
    private int _opened;

    private AdsTap(string upstream) => _upstream = new GrpcChannel(
        TimeProvider.System, upstream, new GrpcChannelOptions { MaxReceiveMessageBytes = 256 * 1024 * 1024 });

    public int Port { get; private set; }

    public string Address => $"http://127.0.0.1:{Port}";

    /// <summary>How many streams were opened.</summary>
    public int Opened => Volatile.Read(ref _opened);

    /// <summary>Type and encoded Any of everything that went to the client, in order.</summary>
    public ImmutableList<(string Type, ByteString Any)> Passed { get; private set; } = [];

    /// <summary>Type and name of everything that the client was told to drop, in order.</summary>
    public ImmutableList<(string Type, string Name)> Removed { get; private set; } = [];

    /// <summary>Starts one before a server.</summary>
    /// <param name="upstream">Its address.</param>
    public static async Task<AdsTap> StartAsync(string upstream)
    {
        var tap = new AdsTap(upstream);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.WebHost.ConfigureKestrel(options => options.ConfigureGrpcLimits().ListenGrpc(
            new GrpcEndpointOptions { Address = new IPEndPoint(IPAddress.Loopback, 0) }));
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromSeconds(5));
        var app = builder.Build();
        app.MapGrpc(tap.CreateService());
        await app.StartAsync().DefaultTimeout();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>();
        tap.Port = new Uri(addresses?.Addresses.First() ?? throw new InvalidOperationException("no address")).Port;
        tap._app = app;
        return tap;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync().DefaultTimeout();
            await _app.DisposeAsync();
        }

        _upstream.Dispose();
    }

    private GrpcService CreateService() => new GrpcService(Service)
        .Duplex<DiscoveryRequest, RelayedResponse>(
            "StreamAggregatedResources",
            DiscoveryRequest.Parser,
            (requests, responses, call) => PassAsync(
                requests, responses, call, "StreamAggregatedResources", RelayedResponse.Parser, Note))
        .Duplex<DeltaDiscoveryRequest, RelayedDeltaResponse>(
            "DeltaAggregatedResources",
            DeltaDiscoveryRequest.Parser,
            (requests, responses, call) => PassAsync(
                requests, responses, call, "DeltaAggregatedResources", RelayedDeltaResponse.Parser, Note));

    private void Note(RelayedResponse response)
    {
        lock (_lock)
            Passed = Passed.AddRange(response.Resources.Select(any => (response.TypeUrl, any)));
    }

    private void Note(RelayedDeltaResponse response)
    {
        lock (_lock)
        {
            Passed = Passed.AddRange(response.Resources.Select(each => (response.TypeUrl, each.Resource)));
            Removed = Removed.AddRange(response.RemovedResources.Select(name => (response.TypeUrl, name)));
        }
    }

    private async Task PassAsync<TRequest, TResponse>(
        GrpcRequestReader<TRequest> requests,
        GrpcResponseWriter<TResponse> responses,
        GrpcCall call,
        string method,
        MessageParser<TResponse> parser,
        Action<TResponse> note)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        Interlocked.Increment(ref _opened);
        using var upstream = _upstream.Duplex<TRequest, TResponse>(
            $"{Service}/{method}", parser, cancellationToken: call.CancellationToken);
        var asking = AskAsync();
        while (await upstream.ResponseStream.MoveNextAsync(call.CancellationToken))
        {
            note(upstream.ResponseStream.Current);
            await responses.WriteAsync(upstream.ResponseStream.Current, call.CancellationToken);
        }

        upstream.Cancel();
        await Task.WhenAny(asking);

        async Task AskAsync()
        {
            while (await requests.MoveNextAsync(call.CancellationToken))
                await upstream.RequestStream.WriteAsync(requests.Current, call.CancellationToken);
            await upstream.RequestStream.CompleteAsync(call.CancellationToken);
        }
    }
}
