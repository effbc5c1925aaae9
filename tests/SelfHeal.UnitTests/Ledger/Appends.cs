using System.Text;
using SelfHeal.Ledger;

namespace SelfHeal.UnitTests.Ledger;

/// <summary>Appends and their answers in few words, with a deadline on every wait.</summary>
internal static class Appends
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public static LedgerAppend Of(string payload, LedgerHead? expectedHead = null) =>
        new("decision", "incident-1", Encoding.UTF8.GetBytes(payload), expectedHead);

    public static Task InTime(this Task task) => task.WaitAsync(Deadline);

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Deadline);

    public static async Task<AppendResult.Appended> MustAppendAsync(this ILedgerStore store, string payload)
    {
        var result = await store.AppendAsync(Of(payload), CancellationToken.None).InTime();
        Assert.That(result, Is.TypeOf<AppendResult.Appended>());
        return (AppendResult.Appended)result;
    }

    public static async Task<AppendRefusal?> RefusalOfAsync(this ILedgerStore store, LedgerAppend append)
    {
        var result = await store.AppendAsync(append, CancellationToken.None).InTime();
        return (result as AppendResult.Refused)?.Reason;
    }

    public static async Task<List<LedgerEntry>> ReadAllAsync(this ILedgerReader reader, long fromSequence = 1)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var entries = new List<LedgerEntry>();
        await foreach (var entry in reader.ReadAsync(fromSequence, deadline.Token))
            entries.Add(entry);
        return entries;
    }

    public static string Text(this LedgerEntry entry) => Encoding.UTF8.GetString(entry.Payload.Span);
}
