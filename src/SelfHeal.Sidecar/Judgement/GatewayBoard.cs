using System.Collections.Immutable;
using SelfHeal.Core.Remediation;
using SelfHeal.Sidecar.Accepted;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Overlays;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Judgement;

/// <summary>What the running process says of itself.</summary>
internal sealed class GatewayBoard(
    IConfiguration configuration,
    ProxyRegistry registry,
    ControlLoopService judgement,
    IOverlays overlays,
    IncidentBoard incidents,
    GroupBoard? groups = null) : IGatewayBoard
{
    /// <inheritdoc/>
    public Readiness Readiness
    {
        get
        {
            var reasons = configuration.Problems;
            if (!configuration.IsReady)
                reasons = reasons.Insert(0, "Nothing is served: the resources were never accepted.");
            if (judgement.Failure.Length > 0)
                reasons = reasons.Add($"The control loop has failed: {judgement.Failure}");

            // Without its loop nothing can be pushed any more, whatever the judgement decides.
            if (configuration.Failure is { } failure)
                reasons = reasons.Add($"The configuration loop has failed: {failure}");
            return new Readiness(
                configuration.IsReady,
                reasons,
                judgement.IsAttended && configuration.Failure is null
                    ? JudgementState.Attended
                    : JudgementState.Unattended);
        }
    }

    /// <inheritdoc/>
    public ImmutableArray<ProxyStatus> Proxies => registry.Proxies;

    /// <inheritdoc/>
    public ImmutableArray<RouteStatus> Routes => configuration.Served is not { } served
        ? []
        : [.. TopologyReader.Read(served.Snapshot).Splits.Select(static split => new RouteStatus(
            split.Service,
            split.RouteConfiguration,
            split.VirtualHost,
            split.Route,
            split.Versions.ToImmutableSortedDictionary(
                static v => v.Cluster, static v => v.Weight, StringComparer.Ordinal)))];

    /// <inheritdoc/>
    public ImmutableArray<OverlayStatus> Overlays => [.. overlays.Entries.Select(Describe)];

    /// <inheritdoc/>
    public ImmutableArray<GroupStatus> Groups => groups?.Groups ?? [];

    private OverlayStatus Describe(OverlayEntry entry)
    {
        var overlay = entry.Overlay;
        return new OverlayStatus(
            overlay.Id,
            overlay.Carrier,
            overlay.Resource,
            OverlayText.Describe(overlay),
            overlay.Owner,
            overlay.Reason,
            overlay.IncidentId,
            overlay.ExpiresAt ?? incidents.ExpiryOf(overlay.IncidentId, overlay.Id),
            entry.State,
            entry.Problem);
    }
}
