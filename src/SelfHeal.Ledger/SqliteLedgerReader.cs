using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace SelfHeal.Ledger;

/// <summary>
/// Reads a ledger file up to the head that it had when it was opened, also while another process appends to it. It asks
/// only that the file is a ledger: what is in it may have been tampered with.
/// </summary>
public sealed class SqliteLedgerReader : ILedgerReader
{
    /// <summary>
    /// Entries per query. Short queries let the writer's checkpoints pass between them, so that a slow reader does not
    /// make the write-ahead log grow; at its end the next query is asked.
    /// </summary>
    private const int PageSize = 64;

    private readonly SqliteConnection _connection;

    private SqliteLedgerReader(SqliteConnection connection, LedgerHead head)
    {
        _connection = connection;
        Head = head;
    }

    /// <inheritdoc/>
    public LedgerHead Head { get; }

    /// <summary>Opens the file for reading.</summary>
    /// <param name="path">The ledger file.</param>
    /// <exception cref="LedgerOpenException">The file is missing, corrupt or not a ledger.</exception>
    public static SqliteLedgerReader Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SqliteLedgerFile.RequireDatabase(path);
        SqliteConnection? connection = null;
        try
        {
            connection = SqliteLedgerFile.Connect(path, SqliteOpenMode.ReadOnly);
            SqliteLedgerSchema.RequireIdentity(connection, path);
            return new SqliteLedgerReader(connection, SqliteLedgerRows.ReadHead(connection));
        }
        catch (Exception exception)
        {
            connection?.Dispose();
            if (exception is SqliteException said)
                throw SqliteLedgerFile.Unreadable(path, said);
            throw;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LedgerEntry> ReadAsync(
        long fromSequence,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fromSequence, 1);
        var next = fromSequence;
        while (next <= Head.Sequence)
        {
            var first = next;
            using var command = SqliteLedgerRows.SelectRange(_connection, next, Head.Sequence, PageSize);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                var entry = SqliteLedgerRows.ReadEntry(rows);
                next = entry.Sequence + 1;
                yield return entry;
            }

            // The entries up to the head were taken away: whoever reads sees the gap.
            if (next == first)
                yield break;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
