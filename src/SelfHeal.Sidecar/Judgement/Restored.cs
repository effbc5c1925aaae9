using SelfHeal.Core.Control;
using SelfHeal.Core.Records;
using SelfHeal.Core.Time;
using SelfHeal.Ledger;

namespace SelfHeal.Sidecar.Judgement;

/// <summary>What the ledger gave at the start, before anything was served.</summary>
/// <param name="Store">The open ledger.</param>
/// <param name="Records">Every entry in it, in order.</param>
/// <param name="Loop">The control loop that takes up where they end.</param>
internal sealed record Restored(SqliteLedgerStore Store, IReadOnlyList<LedgerRecord> Records, ControlLoop Loop)
    : IAsyncDisposable
{
    /// <summary>What the control loop was told; a recording begins with it.</summary>
    public ControlLoopOptions Options { get; init; } = null!;

    /// <summary>When the control loop was made.</summary>
    public ControlTime StartedAt { get; init; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
