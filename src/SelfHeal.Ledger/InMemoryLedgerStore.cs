using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace SelfHeal.Ledger;

/// <summary>
/// A ledger in memory that fails on demand in the ways a disk fails: for tests, the simulation and the incident lab.
/// It answers before the append returns, so that a single-threaded simulation stays single-threaded.
/// </summary>
/// <param name="time">The wall clock that stamps entries.</param>
public sealed class InMemoryLedgerStore(TimeProvider time) : ILedgerStore
{
    private readonly Lock _gate = new();
    private ImmutableList<LedgerEntry> _entries = [];
    private LedgerFault _fault;
    private AppendRefusal? _stopped;
    private LedgerEntry? _unanswered;

    /// <inheritdoc/>
    public LedgerHead Head => HeadOf(Volatile.Read(ref _entries));

    /// <summary>What happens to the appends that follow.</summary>
    /// <param name="fault">Replaces the fault before.</param>
    public void Inject(LedgerFault fault)
    {
        lock (_gate)
            _fault = fault;
    }

    /// <summary>Flips the lowest bit of the first payload byte, as a failing disk or a forger would.</summary>
    /// <param name="sequence">An entry with a payload.</param>
    public void FlipBit(long sequence)
    {
        lock (_gate)
        {
            var index = checked((int)(sequence - 1));
            var entry = _entries[index];
            var payload = entry.Payload.ToArray();
            payload[0] ^= 1;
            _entries = _entries.SetItem(index, entry with { Payload = payload });
        }
    }

    /// <summary>What a process finds that opens the ledger after this one was killed.</summary>
    public InMemoryLedgerStore Reopen()
    {
        lock (_gate)
        {
            _stopped ??= AppendRefusal.Closed;
            return new InMemoryLedgerStore(time)
            {
                _entries = _unanswered is null ? _entries : _entries.Add(_unanswered),
            };
        }
    }

    /// <inheritdoc/>
    public Task<AppendResult> AppendAsync(LedgerAppend append, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(append);
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<AppendResult>(cancellationToken);
        lock (_gate)
            return Task.FromResult(Append(append));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LedgerEntry> ReadAsync(
        long fromSequence,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fromSequence, 1);
        var entries = Volatile.Read(ref _entries);
        for (var index = fromSequence - 1; index < entries.Count; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return entries[(int)index];
        }

        await Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
            _stopped ??= AppendRefusal.Closed;
        return ValueTask.CompletedTask;
    }

    private static LedgerHead HeadOf(ImmutableList<LedgerEntry> entries) =>
        entries.IsEmpty ? LedgerHead.Empty : entries[^1].AsHead;

    private AppendResult Append(LedgerAppend append)
    {
        var head = HeadOf(_entries);
        if (_stopped is { } stopped)
            return new AppendResult.Refused(stopped, "the store is closed or an earlier write failed");
        if (AppendGuard.Check(append, head) is { } refused)
            return refused;
        if (_fault is LedgerFault.FullDisk)
            return new AppendResult.Refused(AppendRefusal.DiskFull, "injected: the disk has no room");
        var entry = LedgerHashing.Next(head, append, time.GetUtcNow());
        if (_fault is LedgerFault.None)
        {
            _entries = _entries.Add(entry);
            return new AppendResult.Appended(entry.Sequence, entry.LeafHash, entry.ChainHash);
        }

        _stopped = AppendRefusal.Faulted;
        _unanswered = _fault is LedgerFault.LostAnswer ? entry : null;
        return new AppendResult.Refused(AppendRefusal.WriteFailed, $"injected: {_fault}");
    }
}
