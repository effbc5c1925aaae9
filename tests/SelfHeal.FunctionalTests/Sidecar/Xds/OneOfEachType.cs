using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Service.Runtime.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.FunctionalTests.Lab.DataPlane;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.Sidecar.Xds;

/// <summary>A small valid resource of every type.</summary>
internal static class OneOfEachType
{
    /// <summary>The resource of a type that has no case of its own is an endpoint.</summary>
    public static XdsResource Of(string typeUrl, string name) => typeUrl switch
    {
        TypeUrl.Cluster => XdsResource.FromMessage(PaymentsResources.EdsCluster(name)),
        TypeUrl.ClusterLoadAssignment => XdsResource.FromMessage(PaymentsResources.Assignment(name, 8000)),
        TypeUrl.Listener => XdsResource.FromMessage(new Listener
        {
            Name = name,
            Address = new Address
            {
                SocketAddress = new SocketAddress { Address = "127.0.0.1", PortValue = 8000 },
            },
        }),
        TypeUrl.ScopedRouteConfiguration => XdsResource.FromMessage(new ScopedRouteConfiguration
        {
            Name = name,
            RouteConfigurationName = name,
            Key = new ScopedRouteConfiguration.Types.Key
            {
                Fragments =
                {
                    new ScopedRouteConfiguration.Types.Key.Types.Fragment { StringKey = "a" },
                },
            },
        }),
        TypeUrl.RouteConfiguration => XdsResource.FromMessage(new RouteConfiguration { Name = name }),
        TypeUrl.VirtualHost => XdsResource.FromMessage(new VirtualHost { Name = name, Domains = { "*" } }),
        TypeUrl.Secret => XdsResource.FromMessage(new Secret
        {
            Name = name,
            GenericSecret = new GenericSecret { Secret = new DataSource { InlineString = "s" } },
        }),
        TypeUrl.ExtensionConfig => XdsResource.FromMessage(new TypedExtensionConfig
        {
            Name = name,
            TypedConfig = Any.Pack(new Cluster { Name = "any" }),
        }),
        TypeUrl.Runtime => XdsResource.FromMessage(new Runtime
        {
            Name = name,
            Layer = new Struct { Fields = { ["key"] = Value.ForNumber(1) } },
        }),
        _ => XdsResource.FromBytes(typeUrl, name, new LbEndpoint { HealthStatus = HealthStatus.Healthy }.ToByteArray()),
    };
}
