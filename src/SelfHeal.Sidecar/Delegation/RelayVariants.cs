using Envoy.Service.Discovery.V3;
using SelfHeal.Xds.Delegation;

namespace SelfHeal.Sidecar.Delegation;

/// <summary>The two variants of the protocol, as a relay speaks them.</summary>
internal static class RelayVariants
{
    private const string Service = "envoy.service.discovery.v3.AggregatedDiscoveryService";

    /// <summary>State of the world.</summary>
    public static RelayVariant<DiscoveryRequest, RelayedResponse> StateOfTheWorld { get; } = new(
        $"{Service}/StreamAggregatedResources",
        RelayedResponse.Parser,
        static upstream => upstream.TryTakeRequest(out DiscoveryRequest? request) ? request : null,
        static (session, response) => session.OnResponse(response));

    /// <summary>Incremental.</summary>
    public static RelayVariant<DeltaDiscoveryRequest, RelayedDeltaResponse> Delta { get; } = new(
        $"{Service}/DeltaAggregatedResources",
        RelayedDeltaResponse.Parser,
        static upstream => upstream.TryTakeRequest(out DeltaDiscoveryRequest? request) ? request : null,
        static (session, response) => session.OnResponse(response));
}
