using SelfHeal.Core.Control;
using SelfHeal.Core.Records;
using SelfHeal.Ledger;

namespace SelfHeal.Sidecar.Judgement;

/// <summary>What the ledger gave at the start, before anything was served.</summary>
/// <param name="Store">The open ledger.</param>
/// <param name="Records">Every entry in it, in order.</param>
/// <param name="Loop">The control loop that takes up where they end.</param>
internal sealed record Restored(SqliteLedgerStore Store, IReadOnlyList<LedgerRecord> Records, ControlLoop Loop)
    : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
