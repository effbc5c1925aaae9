using System.Collections.Immutable;
using SelfHeal.Core.Remediation;
using SelfHeal.Sidecar.Overlays;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// Owns what is served, and the overlays on it: from a directory, or from an upstream. Every member may be called from
/// any thread at any time.
/// </summary>
internal interface IConfiguration
{
    /// <summary>What is served now; null until there was anything to serve.</summary>
    ServedConfiguration? Served { get; }

    /// <summary>Whether Envoys may be sent here.</summary>
    bool IsReady { get; }

    /// <summary>Everything that a human should know of what is served; empty when all is as it should be.</summary>
    ImmutableArray<string> Problems { get; }

    /// <summary>Why its loop has ended; null while it runs.</summary>
    string? Failure { get; }

    /// <summary>Every overlay as it stands, in the ordinal order of their ids.</summary>
    IReadOnlyList<OverlayEntry> Overlays { get; }

    /// <summary>Lays an overlay of the control loop on and pushes.</summary>
    /// <param name="overlay">The change.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in line.</param>
    ValueTask ApplyAsync(WeightOverlay overlay, CancellationToken cancellationToken);

    /// <summary>Takes an overlay of the control loop away and pushes.</summary>
    /// <param name="overlayId">The overlay; one that is not there is no error.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in line.</param>
    ValueTask WithdrawAsync(string overlayId, CancellationToken cancellationToken);

    /// <summary>Changes the overlays in turn with everything else, pushes, and answers when that is done.</summary>
    /// <param name="change">What to do with them.</param>
    /// <param name="answer">What to say of it, once it is served.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<TAnswer> ChangeOverlaysAsync<TChange, TAnswer>(
        Func<OverlayBook, TChange> change,
        Func<OverlayBook, TChange, TAnswer> answer,
        CancellationToken cancellationToken);
}
