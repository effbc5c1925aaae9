using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SelfHeal.FunctionalTests.Sidecar;

/// <summary>The real executable as a process of its own.</summary>
[CancelAfter(60_000)]
internal sealed class ServeProcessTests
{
    private string _directory = "";

    [SetUp]
    public void MakeDirectory()
    {
        _directory = Directory.CreateTempSubdirectory("sh-").FullName;
        Directory.CreateDirectory(Path.Combine(_directory, "resources"));
    }

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [TestCase("TERM")]
    [TestCase("INT")]
    public async Task Serve_Signal_EndsWithinFiveSecondsWithZero(string signal, CancellationToken cancellationToken)
    {
        using var serve = Start("""
            xds: {resources: resources, listen: "127.0.0.1:0"}
            admin: {listen: "127.0.0.1:0"}
            """);
        await ReadUntilAsync(serve, "serves xDS on", cancellationToken);
        var asked = Stopwatch.GetTimestamp();
        using (var kill = Process.Start("kill", [$"-{signal}", $"{serve.Id}"]))
            await kill.WaitForExitAsync(cancellationToken);
        await ReadUntilAsync(serve, "Stopped", cancellationToken);
        await serve.WaitForExitAsync(cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(serve.ExitCode, Is.Zero);
            Assert.That(Stopwatch.GetElapsedTime(asked), Is.LessThan(TimeSpan.FromSeconds(5)));
        }
    }

    [Test]
    public async Task Serve_PortInUse_IsOneLineAndExitCodeOne(CancellationToken cancellationToken)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var serve = Start($$"""
            xds: {resources: resources, listen: "{{taken.LocalEndpoint}}"}
            admin: {listen: "127.0.0.1:0"}
            """);
        var error = await serve.StandardError.ReadToEndAsync(cancellationToken);
        await serve.WaitForExitAsync(cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(serve.ExitCode, Is.EqualTo(1));
            Assert.That(error, Is.EqualTo(
                $"selfheal: xds.listen: cannot listen on {taken.LocalEndpoint}: "
                + "the address is in use; stop what listens there or choose another one\n"));
        }
    }

    [Test]
    public async Task Serve_UnknownKey_IsItsLineAndExitCodeOne(CancellationToken cancellationToken)
    {
        using var serve = Start("xds: {resources: resources}\npolcy: {}\n");
        var error = await serve.StandardError.ReadToEndAsync(cancellationToken);
        await serve.WaitForExitAsync(cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(serve.ExitCode, Is.EqualTo(1));
            Assert.That(error, Does.EndWith("selfheal.yaml:2:1: polcy: unknown key; did you mean 'policy'?\n"));
        }
    }

    [Test]
    public async Task Serve_JsonLog_IsOneObjectPerLine(CancellationToken cancellationToken)
    {
        using var serve = Start("""
            xds: {resources: resources, listen: "127.0.0.1:0"}
            admin: {listen: "127.0.0.1:0"}
            logging: {format: json}
            """);
        var line = await ReadUntilAsync(serve, "serves xDS on", cancellationToken);
        serve.Kill();
        await serve.WaitForExitAsync(cancellationToken);
        using var parsed = System.Text.Json.JsonDocument.Parse(line);

        Assert.That(
            parsed.RootElement.GetProperty("Properties").GetProperty("EventId").GetProperty("Name").GetString(),
            Is.EqualTo("Started"));
    }

    private Process Start(string config)
    {
        var path = Path.Combine(_directory, "selfheal.yaml");
        File.WriteAllText(path, config);
        var executable = Path.Combine(AppContext.BaseDirectory, "selfheal");
        return Process.Start(new ProcessStartInfo(executable, ["serve", "--config", path])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException($"{executable} did not start");
    }

    private static async Task<string> ReadUntilAsync(
        Process process, string text, CancellationToken cancellationToken)
    {
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
                return line;
        }

        throw new InvalidOperationException(
            $"the process ended before '{text}': {await process.StandardError.ReadToEndAsync(cancellationToken)}");
    }
}
