using System.Collections.Immutable;
using SelfHeal.Core.Remediation;
using SelfHeal.Sidecar.Xds;

namespace SelfHeal.Sidecar.Overlays;

/// <summary>The in-process API, on the loop that owns what is served.</summary>
/// <param name="configuration">Serves what is laid.</param>
internal sealed class OverlayService(IConfiguration configuration) : IOverlays
{
    /// <inheritdoc/>
    public ImmutableArray<OverlayEntry> Entries => [.. configuration.Overlays];

    /// <inheritdoc/>
    public Task<OverlayAnswer> LayAsync(Overlay overlay, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(overlay);
        return configuration.Commands.ChangeAsync(
            book => book.TryPut(overlay),
            (book, problem) => problem.Length > 0
                ? OverlayAnswer.Refused(problem)
                : new OverlayAnswer(book.Find(overlay.Id)?.State ?? OverlayState.Withdrawn, ""),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<OverlayAnswer> WithdrawAsync(
        string id, string owner, string reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(reason);
        return configuration.Commands.ChangeAsync(
            book => owner == LoopOverlay.Owner
                ? $"owner '{LoopOverlay.Owner}' is the control loop's, whose ledger says when its changes go"
                : book.TryRemove(id, owner, reason),
            static (_, problem) => problem.Length > 0
                ? OverlayAnswer.Refused(problem)
                : new OverlayAnswer(OverlayState.Withdrawn, ""),
            cancellationToken);
    }
}
