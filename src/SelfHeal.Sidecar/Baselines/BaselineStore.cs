using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Series;

namespace SelfHeal.Sidecar.Baselines;

/// <summary>
/// Baselines by hour of the week, in an SQLite file of their own: one row for each series, one for each hour of it.
/// They are history and no record: what is lost is learned again, so a file that cannot be read is put aside.
/// </summary>
internal sealed class BaselineStore : IDisposable
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS series (
            id INTEGER PRIMARY KEY,
            scope TEXT NOT NULL,
            name TEXT NOT NULL,
            pair TEXT NOT NULL,
            events REAL NOT NULL,
            total REAL NOT NULL,
            shapes BLOB NOT NULL,
            buckets BLOB NOT NULL,
            UNIQUE (scope, name, pair));
        CREATE TABLE IF NOT EXISTS hour (
            hour INTEGER NOT NULL,
            series INTEGER NOT NULL REFERENCES series (id),
            events REAL NOT NULL,
            total REAL NOT NULL,
            PRIMARY KEY (hour, series)) WITHOUT ROWID;
        """;

    private readonly SqliteConnection _connection;

    private BaselineStore(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens or creates the file.</summary>
    /// <param name="path">Where it is; its directory exists.</param>
    /// <exception cref="SqliteException">It is no database, or cannot be opened or written.</exception>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static BaselineStore Open(string path)
    {
        if (!File.Exists(path))
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using var created = new FileStream(path, options);
        }

        var settings = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false };
        var connection = new SqliteConnection(settings.ConnectionString);
        try
        {
            connection.Open();
            // Losing the last hour in a power cut is cheap; waiting for the disk is not.
            Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; " + Schema);
            return new BaselineStore(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Stores an hour: all of it or nothing.</summary>
    /// <param name="hour">Replaces what the file says of the same series in the same hour.</param>
    public void Write(BaselineHour hour)
    {
        using var transaction = _connection.BeginTransaction();
        using var series = Command(
            transaction,
            """
            INSERT INTO series (scope, name, pair, events, total, shapes, buckets)
            VALUES ($scope, $name, $pair, $events, $total, $shapes, $buckets)
            ON CONFLICT (scope, name, pair) DO UPDATE SET
                events = excluded.events, total = excluded.total, shapes = excluded.shapes, buckets = excluded.buckets
            RETURNING id
            """,
            "$scope", "$name", "$pair", "$events", "$total", "$shapes", "$buckets");
        using var one = Command(
            transaction,
            "INSERT OR REPLACE INTO hour (hour, series, events, total) VALUES ($hour, $series, $events, $total)",
            "$hour", "$series", "$events", "$total");
        foreach (var row in hour.Rows)
        {
            Set(
                series,
                row.Scope.ToString(),
                row.Name,
                row.Pair,
                row.AllEvents,
                row.AllTotal,
                Bytes(row.Shapes),
                Bytes(row.Buckets));
            var id = series.ExecuteScalar();
            Set(one, hour.Hour, id!, row.HourEvents, row.HourTotal); // An upsert returns its row.
            one.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    /// <summary>Reads an hour: every series that is known, with 0 where this hour has not been seen.</summary>
    /// <param name="hour">0 to 167.</param>
    /// <exception cref="FormatException">A row is not what was written.</exception>
    public BaselineHour Read(int hour)
    {
        using var command = Command(
            null,
            """
            SELECT scope, name, pair, IFNULL(hour.events, 0), IFNULL(hour.total, 0), series.events, series.total,
                shapes, buckets
            FROM series LEFT JOIN hour ON hour.series = series.id AND hour.hour = $hour
            ORDER BY scope, name, pair
            """,
            "$hour");
        Set(command, hour);
        var rows = ImmutableArray.CreateBuilder<BaselineRow>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            if (!Enum.TryParse<StatScope>(reader.GetString(0), out var scope))
            {
                throw new FormatException(
                    $"a baseline has the scope '{reader.GetString(0)}', expected a known one");
            }

            rows.Add(new BaselineRow(
                scope,
                reader.GetString(1),
                reader.GetString(2),
                reader.GetDouble(3),
                reader.GetDouble(4),
                reader.GetDouble(5),
                reader.GetDouble(6),
                Doubles((byte[])reader[7]))
            {
                Buckets = Doubles((byte[])reader[8]),
            });
        }

        return new BaselineHour(hour, rows.ToImmutable());
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(SqliteTransaction? transaction, string sql, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        foreach (var parameter in parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        return command;
    }

    private static void Set(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
    }

    private static byte[] Bytes(ImmutableArray<double> numbers) =>
        numbers.IsDefaultOrEmpty ? [] : MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray();

    private static ImmutableArray<double> Doubles(byte[] bytes) => bytes.Length % sizeof(double) == 0
        ? [.. MemoryMarshal.Cast<byte, double>(bytes.AsSpan())]
        : throw new FormatException(string.Create(
            CultureInfo.InvariantCulture, $"a baseline has {bytes.Length} bytes of numbers, expected a multiple of 8"));
}
