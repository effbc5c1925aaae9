using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Admin;

/// <summary>
/// What the admin API knows of the gateway. The running process answers from its sessions and its snapshot, tests from
/// memory. Every member may be called from any thread at any time.
/// </summary>
internal interface IGatewayBoard
{
    /// <summary>Whether to send Envoys here.</summary>
    Readiness Readiness { get; }

    /// <summary>All proxies that are or were connected, by node.</summary>
    ImmutableArray<ProxyStatus> Proxies { get; }

    /// <summary>All routes with weighted clusters as they are served now, overlays included.</summary>
    ImmutableArray<RouteStatus> Routes { get; }

    /// <summary>All overlays, in the ordinal order of their ids.</summary>
    ImmutableArray<OverlayStatus> Overlays { get; }

    /// <summary>What each group of nodes is served, has accepted, and could go back to.</summary>
    ImmutableArray<GroupStatus> Groups { get; }
}
