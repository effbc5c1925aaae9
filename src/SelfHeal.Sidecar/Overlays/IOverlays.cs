using System.Collections.Immutable;
using SelfHeal.Core.Remediation;

namespace SelfHeal.Sidecar.Overlays;

/// <summary>
/// The way for every part of the process to change what is served without changing its source. The running process
/// pushes what is laid, tests answer from memory. An overlay says who laid it, why, for which incident and until when;
/// it lives as long as the process at most, so whoever must find it again after a restart writes it down first. Every
/// member may be called from any thread at any time.
/// </summary>
internal interface IOverlays
{
    /// <summary>Every overlay, the control loop's included, in the ordinal order of their ids.</summary>
    ImmutableArray<OverlayEntry> Entries { get; }

    /// <summary>Lays an overlay and pushes. One of the same id and owner is replaced.</summary>
    /// <param name="overlay">The change.</param>
    /// <param name="cancellationToken">Gives up waiting; the overlay may be laid all the same.</param>
    Task<OverlayAnswer> LayAsync(Overlay overlay, CancellationToken cancellationToken);

    /// <summary>Takes an overlay away and pushes: what it changed is the source's own again.</summary>
    /// <param name="id">The overlay.</param>
    /// <param name="owner">Who laid it.</param>
    /// <param name="reason">Why it goes, for the log.</param>
    /// <param name="cancellationToken">Gives up waiting; the overlay may be withdrawn all the same.</param>
    Task<OverlayAnswer> WithdrawAsync(string id, string owner, string reason, CancellationToken cancellationToken);
}
