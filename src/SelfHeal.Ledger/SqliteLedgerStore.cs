using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace SelfHeal.Ledger;

/// <summary>
/// The default ledger: one SQLite file, one writing connection, a write-ahead log that is flushed to the disk before an
/// append is answered.
/// </summary>
public sealed class SqliteLedgerStore : ILedgerStore
{
    /// <summary>
    /// The appends that may wait for the disk. The control loop waits for each of its own, so that a handful is normal;
    /// when this many wait, the disk has stalled, and the next is refused with <see cref="AppendRefusal.Overloaded"/>.
    /// </summary>
    public const int MaxWaiting = 256;

    private readonly TimeProvider _time;
    private readonly string _path;
    private readonly FileStream _lock;
    private readonly SqliteLedgerWriter _writer;
    private readonly Channel<PendingAppend> _queue;
    private readonly Task _loop;
    private volatile StrongBox<LedgerHead> _head;
    private volatile bool _closed;

    private SqliteLedgerStore(TimeProvider time, string path, FileStream fileLock, SqliteLedgerWriter writer)
    {
        _time = time;
        _path = path;
        _lock = fileLock;
        _writer = writer;
        _head = new StrongBox<LedgerHead>(writer.Head);
        _queue = Channel.CreateBounded<PendingAppend>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
        _loop = AppendInTurnAsync();
    }

    /// <inheritdoc/>
    public LedgerHead Head => _head.Value;

    /// <summary>What SQLite promises about a commit.</summary>
    public SqliteDurability Durability => _writer.Durability;

    /// <summary>
    /// Opens the ledger for appending, and creates directory and file (mode 0600) where they are missing.
    /// </summary>
    /// <param name="time">The wall clock that stamps entries.</param>
    /// <param name="path">The ledger file; its lock and SQLite's side files live beside it.</param>
    /// <exception cref="LedgerOpenException">Another process writes to it, or it is corrupt or not a
    /// ledger.</exception>
    public static SqliteLedgerStore Open(TimeProvider time, string path)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var fullPath = Path.GetFullPath(path);
        SqliteLedgerFile.EnsureDirectory(fullPath);
        var fileLock = SqliteLedgerFile.Lock(fullPath);
        try
        {
            SqliteLedgerFile.EnsureFile(fullPath);
            SqliteLedgerFile.RequireDatabase(fullPath);
            return new SqliteLedgerStore(time, fullPath, fileLock, SqliteLedgerWriter.Open(fullPath));
        }
        catch
        {
            fileLock.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<AppendResult> AppendAsync(LedgerAppend append, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(append);
        var pending = new PendingAppend(append, cancellationToken);
        if (_queue.Writer.TryWrite(pending))
            return pending.Answer.Task;
        return Task.FromResult<AppendResult>(_closed
            ? new AppendResult.Refused(AppendRefusal.Closed, $"the ledger {_path} is closed")
            : new AppendResult.Refused(AppendRefusal.Overloaded, $"{MaxWaiting} appends wait for {_path} already"));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LedgerEntry> ReadAsync(
        long fromSequence,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reader = SqliteLedgerReader.Open(_path);
        await foreach (var entry in reader.ReadAsync(fromSequence, cancellationToken))
            yield return entry;
    }

    /// <summary>Answers the appends that wait, then closes the file and gives the lock back.</summary>
    public async ValueTask DisposeAsync()
    {
        _closed = true;
        _queue.Writer.TryComplete();
        await _loop;
        _writer.Dispose();
        await _lock.DisposeAsync();
    }

    private async Task AppendInTurnAsync()
    {
        await foreach (var pending in _queue.Reader.ReadAllAsync())
        {
            if (pending.CancellationToken.IsCancellationRequested)
            {
                pending.Answer.TrySetCanceled(pending.CancellationToken);
                continue;
            }

            var result = _writer.Append(pending.Append, _time.GetUtcNow());

            // The head moves before the answer: whoever has the answer sees the entry.
            if (result is AppendResult.Appended(var sequence, _, var chainHash))
                _head = new StrongBox<LedgerHead>(new LedgerHead(sequence, chainHash));
            pending.Answer.TrySetResult(result);
        }
    }

    /// <summary>An append in the queue. The caller's continuation never runs on the writer's turn.</summary>
    private sealed record PendingAppend(LedgerAppend Append, CancellationToken CancellationToken)
    {
        public TaskCompletionSource<AppendResult> Answer { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
