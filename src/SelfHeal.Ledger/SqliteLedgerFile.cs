using Microsoft.Data.Sqlite;

namespace SelfHeal.Ledger;

/// <summary>The file under a ledger: its mode, its lock, its first bytes and how it is opened.</summary>
internal static class SqliteLedgerFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerDirectory = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>The first bytes of every SQLite 3 database (file format, section 1.3).</summary>
    private static readonly byte[] Magic = "SQLite format 3\0"u8.ToArray();

    /// <summary>
    /// Takes the lock that keeps a second writer out; the system gives it back when the process dies. It is a file
    /// beside the ledger rather than a lock on it, so that readers (the verifier, a backup) come and go.
    /// </summary>
    /// <param name="path">The ledger file.</param>
    public static FileStream Lock(string path)
    {
        var lockPath = path + ".lock";
        try
        {
            return new FileStream(lockPath, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = OwnerOnly,
            });
        }
        catch (IOException exception)
        {
            throw new LedgerOpenException(
                path,
                "to be its only writer",
                $"its lock {lockPath} held by another process, or not to be had: {exception.Message}",
                exception);
        }
    }

    /// <summary>Creates directory and file where they are missing, for the owner only.</summary>
    /// <param name="path">The ledger file.</param>
    public static void EnsureDirectory(string path)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } directory && !Directory.Exists(directory))
            Directory.CreateDirectory(directory, OwnerDirectory);
    }

    /// <summary>Creates the file where it is missing. SQLite gives its side files the mode of this one.</summary>
    /// <param name="path">The ledger file.</param>
    public static void EnsureFile(string path)
    {
        if (!File.Exists(path))
        {
            using var created = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = OwnerOnly,
            });
        }
        else if (File.GetUnixFileMode(path) != OwnerOnly)
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }
    }

    /// <summary>Throws unless the file is empty or begins as an SQLite database does.</summary>
    /// <param name="path">The ledger file.</param>
    public static void RequireDatabase(string path)
    {
        if (!File.Exists(path))
            throw new LedgerOpenException(path, "a SelfHeal ledger", "no file");
        Span<byte> first = stackalloc byte[Magic.Length];
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var count = stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
        if (count != 0 && !first[..count].SequenceEqual(Magic))
        {
            throw new LedgerOpenException(
                path,
                "a SelfHeal ledger, which is an SQLite 3 database",
                $"a file that begins with the bytes {Convert.ToHexStringLower(first[..count])}");
        }
    }

    /// <summary>Opens a connection of our own: no pool that would keep the file open behind our back.</summary>
    /// <param name="path">The ledger file.</param>
    /// <param name="mode">Reading, or reading and writing; the file is never created here.</param>
    public static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,

            // Seconds. Only a foreign connection can make us wait, and it shall not make a decision wait for long.
            DefaultTimeout = 2,
        }.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>What SQLite said about the file, as an answer to whoever opens it.</summary>
    /// <param name="path">The ledger file.</param>
    /// <param name="exception">What it said.</param>
    public static LedgerOpenException Unreadable(string path, SqliteException exception) =>
        new(path, "a SelfHeal ledger that can be read", exception.Message, exception);
}
