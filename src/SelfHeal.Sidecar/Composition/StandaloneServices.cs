using Microsoft.Extensions.DependencyInjection;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Accepted;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Sidecar.Xds.Rest;
using SelfHeal.Xds.Groups;

namespace SelfHeal.Sidecar.Composition;

/// <summary>Standalone mode: SelfHeal serves Envoy's configuration itself, from directories.</summary>
internal static class StandaloneServices
{
    /// <summary>Registers what serves, and runs it.</summary>
    /// <param name="services">The host's.</param>
    /// <param name="options">The configuration.</param>
    public static void Register(IServiceCollection services, SelfHealOptions options)
    {
        services.AddSingleton(XdsGroups.Of(options.Xds));
        services.AddSingleton(new DescriptorSets(options.Xds.DescriptorSets));
        services.AddSingleton<AcceptedKeeper>();
        services.AddSingleton(XdsGroups.Of(options.Xds.Verified));
        services.AddSingleton<VerifiedService>();
        services.AddSingleton<GroupBoard>();
        services.AddSingleton(static p => new StreamHub(
            p.GetRequiredService<NodeGroups>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<AdsService>();
        services.AddSingleton<RestDiscovery>();
        services.AddSingleton<ConfigurationService>();
        services.AddSingleton<IConfiguration>(static p => p.GetRequiredService<ConfigurationService>());
        services.AddHostedService(static p => p.GetRequiredService<ConfigurationService>());
        services.AddHostedService(static p => p.GetRequiredService<AcceptedKeeper>());
        services.AddHostedService(static p => p.GetRequiredService<VerifiedService>());
    }

    /// <summary>The discovery services: the aggregated one and those of one type each.</summary>
    /// <param name="provider">The host's.</param>
    public static GrpcService[] Discovery(IServiceProvider provider)
    {
        var xds = provider.GetRequiredService<AdsService>();
        return [xds.Create(), .. xds.CreateTyped()];
    }
}
