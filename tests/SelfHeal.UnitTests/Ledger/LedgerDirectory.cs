using Microsoft.Data.Sqlite;
using SelfHeal.Ledger;

namespace SelfHeal.UnitTests.Ledger;

/// <summary>
/// A directory of one test's ledgers, and the ways around our own code to look at them and to damage them.
/// </summary>
internal sealed class LedgerDirectory : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("selfheal-ledger-").FullName;

    public string LedgerPath => Path.Combine(_root, "state", "ledger.db");

    public SqliteLedgerStore Open() => SqliteLedgerStore.Open(StoppedClock.Instance, LedgerPath);

    public async Task FillAsync(int count)
    {
        await using var store = Open();
        for (var number = 1; number <= count; number++)
            await store.AppendAsync(Appends.Of($"payload {number}"), CancellationToken.None).InTime();
    }

    /// <summary>Runs SQL on the file behind the ledger's back, with its triggers dropped.</summary>
    public void Tamper(params ReadOnlySpan<string> statements)
    {
        Run("DROP TRIGGER entry_is_never_updated");
        Run("DROP TRIGGER entry_is_never_deleted");
        foreach (var statement in statements)
            Run(statement);
    }

    public void Run(string statement)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={LedgerPath};Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>What a crash at this moment would leave: the bytes of the file and of its write-ahead log.</summary>
    public string CopyAsOfNow(Func<byte[], byte[]>? damageLog = null)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_root, Path.GetRandomFileName()));
        var copy = Path.Combine(directory.FullName, "copy.db");
        File.WriteAllBytes(copy, ReadShared(LedgerPath));
        var log = ReadShared(LedgerPath + "-wal");
        File.WriteAllBytes(copy + "-wal", damageLog is null ? log : damageLog(log));
        return copy;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static byte[] ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
