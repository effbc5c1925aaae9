using Microsoft.Extensions.DependencyInjection;
using SelfHeal.Core.Time;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Delegation;
using SelfHeal.Sidecar.Upstream;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Groups;

namespace SelfHeal.Sidecar.Composition;

/// <summary>Delegate mode: an upstream serves Envoy's configuration; it is relayed under our overlays.</summary>
internal static class DelegateServices
{
    /// <summary>Registers what relays, and runs it.</summary>
    /// <param name="services">The host's.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="seed">Of the pauses between attempts; another one in every replica.</param>
    public static void Register(IServiceCollection services, SelfHealOptions options, ulong seed)
    {
        services.AddSingleton(options.Upstream);
        services.AddSingleton(p => new UpstreamPool(
            options.Upstream, p.GetRequiredService<TimeProvider>(), new SeededRandomSource(seed)));
        services.AddSingleton<RelayHub>();
        // Our runtime layers have a service of their own too: an Envoy that falls back on the upstream must not ask it
        // for them.
        services.AddSingleton(static p => new StreamHub(
            new NodeGroups([], ""), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<AdsService>();
        services.AddSingleton<RelayMeter>();
        services.AddSingleton<UpstreamKeeper>();
        services.AddSingleton<RelayParts>();
        services.AddSingleton<RelayService>();
        services.AddSingleton<RelayConfiguration>();
        services.AddSingleton<IConfiguration>(static p => p.GetRequiredService<RelayConfiguration>());
        services.AddHostedService(static p => p.GetRequiredService<RelayConfiguration>());
        services.AddHostedService(static p => p.GetRequiredService<UpstreamKeeper>());
        if (options.Upstream.Metrics is not { } metrics)
            return;
        services.AddSingleton(metrics);
        services.AddHostedService<UpstreamMetricsService>();
    }

    /// <summary>The discovery services: the aggregated one, as Istiod has it, and RTDS for our own layers.</summary>
    /// <param name="provider">The host's.</param>
    public static GrpcService[] Discovery(IServiceProvider provider) =>
    [
        provider.GetRequiredService<RelayService>().Create(),
        provider.GetRequiredService<AdsService>().CreateTyped(TypedService.Runtime),
    ];
}
