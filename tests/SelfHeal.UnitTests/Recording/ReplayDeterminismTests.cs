using System.Diagnostics;
using System.Security.Cryptography;

namespace SelfHeal.UnitTests.Recording;

/// <summary>The same recording gives the same records, byte for byte, in another process, on one processor, and without
/// the processor's special instructions.</summary>
[TestFixture]
internal sealed class ReplayDeterminismTests
{
    [TestCase("", "")]
    [TestCase("DOTNET_EnableHWIntrinsic", "0")]
    [TestCase("DOTNET_PROCESSOR_COUNT", "1")]
    [CancelAfter(60_000)]
    public async Task Replay_InAnotherProcess_GivesTheSameBytes(
        string variable, string value, CancellationToken cancellationToken)
    {
        using var recording = IncidentRecording.WrongGuess();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var payload in recording.Ledger)
            hash.AppendData(Convert.FromHexString(payload));
        var expected = Convert.ToHexString(hash.GetHashAndReset());

        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        string[] arguments = ["exec", typeof(ReplayDigest).Assembly.Location, "replay", recording.Location];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        if (variable.Length > 0)
            start.Environment[variable] = value;
        using var process = Process.Start(start);
        Assert.That(process, Is.Not.Null);
        try
        {
            var printed = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            Assert.That(printed.Trim(), Is.EqualTo(expected));
            Assert.That(ReplayDigest.Compute(recording.Location), Is.EqualTo(expected));
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
