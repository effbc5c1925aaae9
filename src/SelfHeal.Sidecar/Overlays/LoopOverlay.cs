using SelfHeal.Core.Remediation;

namespace SelfHeal.Sidecar.Overlays;

/// <summary>
/// The control loop's changes as overlays. Its records keep the form that ledgers hold, so the two meet only here.
/// </summary>
internal static class LoopOverlay
{
    /// <summary>Owns every change of the control loop; nobody else may lay or withdraw in this name.</summary>
    public const string Owner = "control-loop";

    /// <summary>The change as an overlay. When it ends is the ledger's to say.</summary>
    /// <param name="change">As the control loop asks for it.</param>
    public static Overlay Of(WeightOverlay change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return new Overlay.WeightedClusters(
            change.RouteConfiguration, change.VirtualHost, change.Route, change.Weights)
        {
            Id = change.Id,
            Owner = Owner,
            Reason = "a decision of the control loop; the incident's record says why",
            IncidentId = change.IncidentId,
        };
    }
}
