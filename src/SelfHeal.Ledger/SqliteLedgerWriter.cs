using System.Globalization;
using Microsoft.Data.Sqlite;

namespace SelfHeal.Ledger;

/// <summary>The one connection that appends. It is synchronous; the store gives it one append at a time.</summary>
internal sealed class SqliteLedgerWriter : IDisposable
{
    // Primary result codes of SQLite.
    private const int Busy = 5;
    private const int Locked = 6;
    private const int Full = 13;

    private readonly SqliteConnection _connection;
    private string? _fault;

    private SqliteLedgerWriter(SqliteConnection connection, SqliteDurability durability, LedgerHead head)
    {
        _connection = connection;
        Durability = durability;
        Head = head;
    }

    /// <summary>The last entry that this connection knows to be durable.</summary>
    public LedgerHead Head { get; private set; }

    /// <summary>What SQLite promises about a commit.</summary>
    public SqliteDurability Durability { get; }

    /// <summary>Opens the connection and satisfies itself that appending is safe.</summary>
    /// <param name="path">The ledger file, which exists and is locked by us.</param>
    public static SqliteLedgerWriter Open(string path)
    {
        SqliteConnection? connection = null;
        try
        {
            connection = SqliteLedgerFile.Connect(path, SqliteOpenMode.ReadWrite);
            var durability = MakeDurable(connection);
            if (durability is not { JournalMode: "wal", SynchronousLevel: 2 })
                throw new LedgerOpenException(path, "journal mode wal with synchronous 2 (FULL)", $"{durability}");
            SqliteLedgerSchema.CreateIfEmpty(connection);
            SqliteLedgerSchema.RequireIdentity(connection, path);
            SqliteLedgerSchema.RequireSound(connection, path);
            return new SqliteLedgerWriter(connection, durability, RequireSoundHead(connection, path));
        }
        catch (Exception exception)
        {
            connection?.Dispose();
            if (exception is SqliteException said)
                throw SqliteLedgerFile.Unreadable(path, said);
            throw;
        }
    }

    /// <summary>
    /// Appends one entry in a transaction of its own; when it returns, the entry is on the disk or refused.
    /// </summary>
    /// <param name="append">The entry to be.</param>
    /// <param name="now">The wall clock.</param>
    public AppendResult Append(LedgerAppend append, DateTimeOffset now)
    {
        if (_fault is not null)
            return new AppendResult.Refused(AppendRefusal.Faulted, _fault);
        try
        {
            using var transaction = _connection.BeginTransaction(deferred: false);
            var inFile = SqliteLedgerRows.ReadHead(_connection);
            if (inFile != Head)
                return Fault(AppendRefusal.Faulted, $"somebody else appended: {inFile} is in the file, {Head} is ours");
            if (AppendGuard.Check(append, Head) is { } refused)
                return refused;
            var entry = LedgerHashing.Next(Head, append, now);
            SqliteLedgerRows.Insert(_connection, entry);
            transaction.Commit();
            Head = entry.AsHead;
            return new AppendResult.Appended(entry.Sequence, entry.LeafHash, entry.ChainHash);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is Busy or Locked)
        {
            return new AppendResult.Refused(AppendRefusal.Busy, exception.Message);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is Full)
        {
            return new AppendResult.Refused(AppendRefusal.DiskFull, exception.Message);
        }
        catch (Exception exception)
        {
            // A failed flush says nothing about what reached the disk, and asking again would not tell: the kernel
            // reports such an error once. Only a fresh start, which reads the file, knows. Every other exception is
            // treated alike, because the callers in line must be answered whatever happened.
            return Fault(AppendRefusal.WriteFailed, exception.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private static SqliteDurability MakeDurable(SqliteConnection connection)
    {
        var journal = SqliteLedgerSchema.Scalar(connection, "PRAGMA journal_mode = WAL");
        SqliteLedgerSchema.Scalar(connection, "PRAGMA synchronous = FULL");
        var level = SqliteLedgerSchema.Scalar(connection, "PRAGMA synchronous");
        return new SqliteDurability($"{journal}", Convert.ToInt32(level, CultureInfo.InvariantCulture));
    }

    /// <summary>Nothing may be appended behind an entry whose own hashes do not hold.</summary>
    private static LedgerHead RequireSoundHead(SqliteConnection connection, string path)
    {
        var head = SqliteLedgerRows.ReadHead(connection);
        var before = LedgerHead.Empty;
        using var command = SqliteLedgerRows.SelectRange(connection, head.Sequence - 1, head.Sequence, 2);
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            var entry = SqliteLedgerRows.ReadEntry(rows);
            var isLast = entry.Sequence == head.Sequence;
            if (isLast && LedgerVerifier.FirstBreak(before, entry) is { } broken)
            {
                throw new LedgerOpenException(
                    path,
                    $"entry {broken.Sequence} with {broken.Part} {broken.Expected}",
                    broken.Found);
            }

            before = entry.AsHead;
        }

        return head;
    }

    private AppendResult.Refused Fault(AppendRefusal reason, string detail)
    {
        _fault = detail;
        return new AppendResult.Refused(reason, detail);
    }
}
