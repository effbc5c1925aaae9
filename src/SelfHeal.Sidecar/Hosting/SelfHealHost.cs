using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Config.Loading;
using SelfHeal.Sidecar.Metrics;
using SelfHeal.Sidecar.Security;

namespace SelfHeal.Sidecar.Hosting;

/// <summary>The running process: its listeners, the services behind them, a start and an end.</summary>
internal sealed partial class SelfHealHost : IAsyncDisposable
{
    /// <summary>
    /// How long streams, requests and services may take to end. With what comes after it, a SIGTERM ends the process
    /// within 5 s, far inside the 30 s that Kubernetes grants.
    /// </summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(4);

    // xDS, stats, loads and access logs: xds.max_streams holds for each.
    private const int StreamKinds = 4;

    private readonly WebApplication _application;
    private readonly ILogger _logger;

    private SelfHealHost(WebApplication application, HostListeners listeners)
    {
        _application = application;
        _logger = application.Services.GetRequiredService<ILogger<SelfHealHost>>();
        XdsAddress = listeners.Xds.Address;
        RestAddress = listeners.Rest?.Address;
        AdminAddress = listeners.Admin.Address;
    }

    /// <summary>Where gRPC listens, with the port that the system chose.</summary>
    public ListenAddress XdsAddress { get; }

    /// <summary>Where xDS fetches are answered; null when they are not.</summary>
    public ListenAddress? RestAddress { get; }

    /// <summary>Where the admin API listens, with the port that the system chose.</summary>
    public ListenAddress AdminAddress { get; }

    /// <summary>What the process consists of.</summary>
    public IServiceProvider Services => _application.Services;

    /// <summary>Opens the listeners and builds all; nothing is answered before <see cref="StartAsync"/>.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="composition">What runs inside.</param>
    /// <param name="logging">Where the log goes.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ListenFailedException">A listener cannot be opened.</exception>
    /// <exception cref="TlsFailedException">A certificate cannot be used.</exception>
    public static SelfHealHost Build(
        SelfHealOptions options, HostComposition composition, Action<ILoggingBuilder> logging, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(composition);
        var tls = options.Xds.Tls is { } files ? new XdsTlsFiles(files) : null;
        var listeners = HostListeners.Open(options);
        try
        {
            // The empty builder reads no appsettings.json from the working directory and no ASPNETCORE_ variables: the
            // configuration file is the only source.
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            ConfigureServices(builder.Services, options, composition, tls, time);
            builder.Services.AddLogging(logging);
            builder.WebHost.UseKestrelCore();
            builder.WebHost.ConfigureKestrel(kestrel => ConfigureKestrel(kestrel, options, tls?.Server, listeners));
            var application = builder.Build();
            Map(application, composition);
            return new SelfHealHost(application, listeners);
        }
        catch
        {
            listeners.Dispose();
            throw;
        }
    }

    /// <summary>Starts to accept connections.</summary>
    /// <param name="warnings">What the configuration's checks found worth saying.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public async Task StartAsync(IEnumerable<ConfigFinding> warnings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(warnings);
        foreach (var warning in warnings)
            LogWarning(_logger, warning.ToString());
        await _application.StartAsync(cancellationToken);
        _application.Lifetime.ApplicationStopping.Register(() => LogStopping(_logger));
        LogStarted(_logger, SelfHealVersion.Current, XdsAddress.ToString(), AdminAddress.ToString());
        if (RestAddress is { } rest)
            LogRest(_logger, rest.ToString());
    }

    /// <summary>
    /// Waits for SIGTERM, SIGINT or the token, and stops. Services end their streams when
    /// <see cref="IHostApplicationLifetime.ApplicationStopping"/> fires; what is still open after
    /// <see cref="StopTimeout"/> is cut.
    /// </summary>
    /// <param name="cancellationToken">Asks for the stop.</param>
    public async Task WaitForStopAsync(CancellationToken cancellationToken)
    {
        await _application.WaitForShutdownAsync(cancellationToken);
        LogStopped(_logger);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static void ConfigureServices(
        IServiceCollection services,
        SelfHealOptions options,
        HostComposition composition,
        XdsTlsFiles? tls,
        TimeProvider time)
    {
        services.AddRouting();
        services.AddSingleton<MatcherPolicy, ListenerMatcherPolicy>();
        services.AddMetrics();
        services.AddSingleton(time);
        services.AddSingleton(options);
        services.AddSingleton(provider => new MetricsRegistry(provider.GetRequiredService<IMeterFactory>()));
        services.AddSingleton<AccessMeter>();
        if (tls is not null)
        {
            services.AddSingleton(tls);
            services.AddHostedService<XdsTlsReload>();
        }

        services.AddSingleton<AdminEndpoints>();
        services.AddSingleton<HostMeter>();
        services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = StopTimeout;
            // The relay never depends on the judgement: a control loop that dies leaves the process serving, and
            // /readyz says "unattended".
            host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore;
        });
        composition.ConfigureServices(services);
    }

    private static void ConfigureKestrel(
        KestrelServerOptions kestrel, SelfHealOptions options, GrpcServerTls? tls, HostListeners listeners)
    {
        kestrel.AddServerHeader = false;
        kestrel.ConfigureGrpcLimits();
        // An aggregator may put all of its proxies' streams on one connection, and the first one past the limit must
        // get through to its RESOURCE_EXHAUSTED.
        var http2 = kestrel.Limits.Http2;
        http2.MaxStreamsPerConnection = Math.Max(
            http2.MaxStreamsPerConnection, (StreamKinds * options.Xds.MaxStreams) + 1);

        var xdsDoor = new ListenerMetadata(ListenerName.Xds);
        kestrel.ListenGrpc(new GrpcEndpointOptions
        {
            Socket = listeners.Xds.Socket,
            Tls = tls,
            OnConnection = connection => connection.Features.Set(xdsDoor),
        });
        if (listeners.Rest is { } rest)
            ListenHttp(kestrel, rest, ListenerName.Rest, tls);
        ListenHttp(kestrel, listeners.Admin, ListenerName.Admin, tls: null);
    }

    private static void ListenHttp(
        KestrelServerOptions kestrel, BoundListener listener, ListenerName name, GrpcServerTls? tls)
    {
        var door = new ListenerMetadata(name);
        kestrel.ListenSocket(listener.Socket, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection =>
            {
                connection.Features.Set(door);
                return next(connection);
            });
            if (tls is not null)
                listen.UseTls(tls);
        });
    }

    private static void Map(WebApplication application, HostComposition composition)
    {
        application.Services.GetRequiredService<HostMeter>();
        var admin = application.MapGroup("").WithMetadata(new ListenerMetadata(ListenerName.Admin));
        application.Services.GetRequiredService<AdminEndpoints>().Map(admin);
        composition.MapRest(application.MapGroup("").WithMetadata(new ListenerMetadata(ListenerName.Rest)));
        composition.MapGrpc(application.MapGroup("").WithMetadata(new ListenerMetadata(ListenerName.Xds)));
    }
}
