using System.Globalization;
using Microsoft.Data.Sqlite;

namespace SelfHeal.Ledger;

/// <summary>Entries to rows and back.</summary>
internal static class SqliteLedgerRows
{
    private const string Columns =
        "sequence, payload, leaf_hash, previous_chain_hash, chain_hash, appended_at, kind, subject";

    /// <summary>The last entry's sequence and chain hash.</summary>
    /// <param name="connection">Any connection to the file.</param>
    public static LedgerHead ReadHead(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT sequence, chain_hash FROM entry ORDER BY sequence DESC LIMIT 1";
        using var reader = command.ExecuteReader();
        return reader.Read() ? new LedgerHead(reader.GetInt64(0), ReadHash(reader, 1)) : LedgerHead.Empty;
    }

    /// <summary>A command that reads entries in order, at most <paramref name="limit"/> of them.</summary>
    /// <param name="connection">Any connection to the file.</param>
    /// <param name="fromSequence">The first sequence.</param>
    /// <param name="toSequence">The last sequence.</param>
    /// <param name="limit">The most rows to answer.</param>
    public static SqliteCommand SelectRange(SqliteConnection connection, long fromSequence, long toSequence, int limit)
    {
        var command = connection.CreateCommand();
        command.CommandText =
            $"SELECT {Columns} FROM entry WHERE sequence BETWEEN $from AND $to ORDER BY sequence LIMIT $limit";
        command.Parameters.AddWithValue("$from", fromSequence);
        command.Parameters.AddWithValue("$to", toSequence);
        command.Parameters.AddWithValue("$limit", limit);
        return command;
    }

    /// <summary>The entry in the reader's row.</summary>
    /// <param name="reader">A reader over <see cref="SelectRange"/>, on a row.</param>
    public static LedgerEntry ReadEntry(SqliteDataReader reader) => new(
        reader.GetInt64(0),
        reader.GetFieldValue<byte[]>(1),
        ReadHash(reader, 2),
        ReadHash(reader, 3),
        ReadHash(reader, 4),
        ReadTime(reader, 5),
        reader.GetString(6),
        reader.GetString(7));

    /// <summary>Inserts one row.</summary>
    /// <param name="connection">The connection that appends, within its transaction.</param>
    /// <param name="entry">The entry.</param>
    public static void Insert(SqliteConnection connection, LedgerEntry entry)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            $"INSERT INTO entry ({Columns}) "
            + "VALUES ($sequence, $payload, $leaf, $previous, $chain, $at, $kind, $subject)";
        command.Parameters.AddWithValue("$sequence", entry.Sequence);
        command.Parameters.AddWithValue("$payload", entry.Payload.ToArray());
        command.Parameters.AddWithValue("$leaf", entry.LeafHash.ToArray());
        command.Parameters.AddWithValue("$previous", entry.PreviousChainHash.ToArray());
        command.Parameters.AddWithValue("$chain", entry.ChainHash.ToArray());
        var at = entry.AppendedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        command.Parameters.AddWithValue("$at", at);
        command.Parameters.AddWithValue("$kind", entry.Kind);
        command.Parameters.AddWithValue("$subject", entry.Subject);
        command.ExecuteNonQuery();
    }

    // A hash of another length was tampered with; zeros make the verifier report it like any other wrong hash.
    private static LedgerHash ReadHash(SqliteDataReader reader, int column) =>
        reader.GetFieldValue<byte[]>(column) is { Length: LedgerHash.Size } bytes ? new LedgerHash(bytes) : default;

    // The time is not under the hashes: one that was tampered with must not stop the verifier from reading on.
    private static DateTimeOffset ReadTime(SqliteDataReader reader, int column) =>
        DateTimeOffset.TryParseExact(
            reader.GetString(column),
            "O",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time)
            ? time
            : default;
}
