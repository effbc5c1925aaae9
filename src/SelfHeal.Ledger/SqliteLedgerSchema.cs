using Microsoft.Data.Sqlite;

namespace SelfHeal.Ledger;

/// <summary>The tables and triggers of a ledger file, and how a file is known to be ours.</summary>
internal static class SqliteLedgerSchema
{
    /// <summary>"SHLg" in ASCII, in the header of every file of ours (PRAGMA application_id).</summary>
    private const long ApplicationId = 0x53484C67;

    /// <summary>Raised with every change of <see cref="Objects"/>.</summary>
    private const long Version = 1;

    /// <summary>
    /// Every object by name. Triggers hold against an honest program with a bug; against a forger, who can drop them,
    /// there is the chain. The gapless trigger also stops INSERT OR REPLACE, whose deletion fires no trigger.
    /// </summary>
    private static readonly (string Name, string Sql)[] Objects =
    [
        ("entry", """
            CREATE TABLE entry (
              sequence INTEGER PRIMARY KEY,
              kind TEXT NOT NULL,
              subject TEXT NOT NULL,
              appended_at TEXT NOT NULL,
              payload BLOB NOT NULL,
              leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32),
              previous_chain_hash BLOB NOT NULL CHECK (length(previous_chain_hash) = 32),
              chain_hash BLOB NOT NULL UNIQUE CHECK (length(chain_hash) = 32)
            ) STRICT
            """),
        ("entry_is_never_deleted", """
            CREATE TRIGGER entry_is_never_deleted BEFORE DELETE ON entry
            BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: an entry is never deleted'); END
            """),
        ("entry_is_never_updated", """
            CREATE TRIGGER entry_is_never_updated BEFORE UPDATE ON entry
            BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: an entry is never updated'); END
            """),
        ("entry_leaves_no_gap", """
            CREATE TRIGGER entry_leaves_no_gap BEFORE INSERT ON entry
            WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM entry)
            BEGIN SELECT RAISE(ABORT, 'the ledger is gapless: an entry takes the next sequence'); END
            """),
    ];

    /// <summary>Lays the schema into a file that has none, in one transaction.</summary>
    /// <param name="connection">The connection that appends.</param>
    public static void CreateIfEmpty(SqliteConnection connection)
    {
        if (Scalar(connection, "SELECT count(*) FROM sqlite_schema") is not 0L || Identity(connection) is not (0, 0))
            return;
        using var transaction = connection.BeginTransaction(deferred: false);
        foreach (var (_, sql) in Objects)
            Execute(connection, sql);
        Execute(connection, $"PRAGMA application_id = {ApplicationId}");
        Execute(connection, $"PRAGMA user_version = {Version}");
        transaction.Commit();
    }

    /// <summary>Throws unless the file is a ledger of a version that this build knows.</summary>
    /// <param name="connection">Any connection to it.</param>
    /// <param name="path">The ledger file, for the message.</param>
    public static void RequireIdentity(SqliteConnection connection, string path)
    {
        var (application, version) = Identity(connection);
        if (application != ApplicationId || version != Version)
        {
            throw new LedgerOpenException(
                path,
                $"a SelfHeal ledger (application id {ApplicationId:x8}, schema version {Version})",
                $"an SQLite database with application id {application:x8}, schema version {version}");
        }
    }

    /// <summary>Throws unless the pages are sound, and tables and triggers are exactly the expected ones.</summary>
    /// <param name="connection">The connection that appends.</param>
    /// <param name="path">The ledger file, for the message.</param>
    public static void RequireSound(SqliteConnection connection, string path)
    {
        // Reads the whole file once per start; a decision must not be appended behind pages that cannot be read.
        if (Scalar(connection, "PRAGMA quick_check(1)") is var check and not "ok")
            throw new LedgerOpenException(path, "sound pages (PRAGMA quick_check)", $"{check}");

        foreach (var (name, sql) in Objects)
        {
            var found = Scalar(connection, $"SELECT sql FROM sqlite_schema WHERE name = '{name}'");
            if (!sql.Equals(found as string, StringComparison.Ordinal))
                throw new LedgerOpenException(path, $"{name} as schema version {Version} has it", $"{found ?? "none"}");
        }
    }

    /// <summary>The one value that a statement answers; null for none.</summary>
    /// <param name="connection">The connection to ask.</param>
    /// <param name="sql">The statement.</param>
    public static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static (long Application, long Version) Identity(SqliteConnection connection) => (
        Scalar(connection, "PRAGMA application_id") as long? ?? 0,
        Scalar(connection, "PRAGMA user_version") as long? ?? 0);
}
