using System.Diagnostics;
using SelfHeal.Lab;
using SelfHeal.Lab.Processes;

namespace SelfHeal.FunctionalTests.Lab.Processes;

[TestFixture]
[CancelAfter(60_000)]
public sealed class ChildProcessTests
{
    private string _log = null!; // Set up before each test.

    [SetUp]
    public void SetUp() => _log = Path.GetTempFileName();

    [TearDown]
    public void TearDown() => File.Delete(_log);

    [Test]
    public async Task Stop_RunningProgram_EndsByItself(CancellationToken cancellationToken)
    {
        await using var child = Shell("echo started; exec sleep 60");
        await StartedAsync();

        Assert.That(await child.StopAsync(cancellationToken), Is.True);
        Assert.That(child.HasExited, Is.True);
    }

    [Test]
    public async Task Kill_ProgramThatIgnoresSigterm_IsGoneAtOnce(CancellationToken cancellationToken)
    {
        await using var child = Shell("trap '' TERM; echo started; while true; do sleep 1; done");
        await StartedAsync();
        var id = child.Id;
        await child.KillAsync(cancellationToken);

        Assert.That(() => Process.GetProcessById(id), Throws.ArgumentException);
    }

    [Test]
    public async Task WaitReady_ProgramThatEnds_SaysItsCodeAndLastWords(CancellationToken cancellationToken)
    {
        await using var child = Shell("echo the port is taken >&2; exit 3");
        var probe = new Uri($"http://127.0.0.1:{FreePorts.Take(1)[0]}/ready");
        var exception = Assert.ThrowsAsync<LabException>(
            () => child.WaitReadyAsync(probe, TimeSpan.FromSeconds(15), cancellationToken));

        Assert.That(exception?.Message, Does.Contain("code 3").And.Contain("the port is taken"));
    }

    [Test]
    public async Task WaitReady_ProgramThatNeverListens_GivesUp(CancellationToken cancellationToken)
    {
        await using var child = Shell("echo started; exec sleep 60");
        var probe = new Uri($"http://127.0.0.1:{FreePorts.Take(1)[0]}/ready");

        Assert.That(
            () => child.WaitReadyAsync(probe, TimeSpan.FromMilliseconds(200), cancellationToken),
            Throws.TypeOf<LabException>().With.Message.Contain("not ready within"));
    }

    private ChildProcess Shell(string script) =>
        ChildProcess.Start("/bin/sh", ["-c", script], _log, TimeProvider.System);

    private Task StartedAsync() => Eventually.HoldsAsync(() => ReadLog().Contains("started"), "it has started");

    private string ReadLog()
    {
        using var stream = new FileStream(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
