using SelfHeal.FunctionalTests.Lab;
using SelfHeal.Lab.Processes;

namespace SelfHeal.FunctionalTests.Sidecar.Demo;

[TestFixture]
[CancelAfter(60_000)]
public sealed class DemoProcessTests
{
    [Test]
    public async Task Sigterm_WhileItPlays_EndsWithWhatItStarted(CancellationToken cancellationToken)
    {
        var log = Path.GetTempFileName();
        try
        {
            await using var demo = ChildProcess.Start(
                Path.Combine(AppContext.BaseDirectory, "selfheal"),
                ["demo", "--model", "--flush", "1s"],
                log,
                TimeProvider.System);
            await Eventually.HoldsAsync(() => Read(log).Contains("healthy warm-up"), "the demo plays");

            Assert.That(await demo.StopAsync(cancellationToken), Is.True);
            Assert.That(demo.ExitCode, Is.EqualTo(130));
            Assert.That(Read(log), Does.Contain("Stopped; everything that the demo started is ended."));
        }
        finally
        {
            File.Delete(log);
        }
    }

    private static string Read(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }
}
