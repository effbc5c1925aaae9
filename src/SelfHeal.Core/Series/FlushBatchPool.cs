namespace SelfHeal.Core.Series;

/// <summary>
/// A bounded pool of batches, shared by the streams' readers (rent) and the control thread (return) without a lock:
/// each slot is taken and filled by one atomic exchange.
/// </summary>
/// <param name="limit">How many batches are kept; a returned batch beyond it is left to the garbage collector.</param>
public sealed class FlushBatchPool(int limit = FlushBatchPool.DefaultLimit)
{
    /// <summary>
    /// 64 kept batches cover 32 streams with one batch being read and one waiting each; more streams than that cost
    /// allocations, never correctness.
    /// </summary>
    public const int DefaultLimit = 64;

    private readonly FlushBatch?[] _slots = new FlushBatch?[limit];

    /// <summary>An empty batch.</summary>
    public FlushBatch Rent()
    {
        // Hot path: allocation-free while a kept batch is left.
        var slots = _slots;
        for (var i = 0; i < slots.Length; i++)
        {
            if (slots[i] is not null && Interlocked.Exchange(ref slots[i], null) is { } batch)
            {
                batch.Clear();
                return batch;
            }
        }

        return new FlushBatch();
    }

    /// <summary>Takes a batch back. The caller must not touch it again.</summary>
    /// <param name="batch">A batch that was rented.</param>
    public void Return(FlushBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var slots = _slots;
        for (var i = 0; i < slots.Length; i++)
        {
            if (slots[i] is null && Interlocked.CompareExchange(ref slots[i], batch, null) is null)
                return;
        }
    }
}
