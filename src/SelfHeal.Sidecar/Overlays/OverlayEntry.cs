using SelfHeal.Core.Remediation;

namespace SelfHeal.Sidecar.Overlays;

/// <summary>An overlay of this process, and how it stands.</summary>
/// <param name="Overlay">The change.</param>
/// <param name="State">Waiting, laid or refused.</param>
/// <param name="Problem">Why it is refused; empty otherwise.</param>
internal sealed record OverlayEntry(Overlay Overlay, OverlayState State, string Problem);
