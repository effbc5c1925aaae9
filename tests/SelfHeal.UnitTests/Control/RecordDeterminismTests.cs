using System.Diagnostics;
using SelfHeal.Core.Records;

namespace SelfHeal.UnitTests.Control;

/// <summary>
/// The same incident gives the same records, byte for byte, in another process: hash codes of strings are salted per
/// process, so this also shows that no order of a hash table gets into a record.
/// </summary>
[TestFixture]
internal sealed class RecordDeterminismTests
{
    [Test]
    public void Incidents_OfTheDigest_EndAsTheyMust()
    {
        Assert.That(
            RecordDigest.BadCanary().Ledger.Select(static record => record.Type),
            Is.EqualTo((RecordType[])[RecordType.Decision, RecordType.Executed, RecordType.Resolved]));
        Assert.That(
            RecordDigest.WrongGuess().Ledger.Select(static record => record.Type),
            Is.SupersetOf((RecordType[])[RecordType.Rollback, RecordType.RolledBack, RecordType.Recommendation]));
    }

    [TestCase(null)]
    [TestCase("DOTNET_EnableHWIntrinsic")]
    [CancelAfter(60_000)]
    public async Task Records_InAnotherProcess_AreTheSameBytes(string? disabled, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(RecordDigest).Assembly.Location);
        start.ArgumentList.Add("records");
        if (disabled is not null)
            start.Environment[disabled] = "0";
        using var process = Process.Start(start);
        Assert.That(process, Is.Not.Null);
        try
        {
            var printed = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            Assert.That(printed.Trim(), Has.Length.EqualTo(64).And.EqualTo(RecordDigest.Compute()));
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
