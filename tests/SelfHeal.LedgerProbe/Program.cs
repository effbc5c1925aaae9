// A process for the functional tests to trace, kill and race: appends N entries to a ledger and says so after each one.
using System.Globalization;
using System.Text;
using SelfHeal.Ledger;

var path = args[0];
var count = int.Parse(args[1], CultureInfo.InvariantCulture);
try
{
    await using var store = SqliteLedgerStore.Open(TimeProvider.System, path);

    // Not Console.Out: its lines may be written in parts, and the trace has to show one write per answer.
    await using var output = Console.OpenStandardOutput();
    for (var number = 1; number <= count; number++)
    {
        var payload = Encoding.UTF8.GetBytes($"probe-payload-{number:0000}.");
        var result = await store.AppendAsync(new LedgerAppend("probe", "trace", payload), CancellationToken.None);
        if (result is not AppendResult.Appended(var sequence, _, _))
        {
            Console.Error.WriteLine(result);
            return 2;
        }

        await output.WriteAsync(Encoding.ASCII.GetBytes($"appended {sequence}\n"));
    }

    return 0;
}
catch (LedgerOpenException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 3;
}
