using System.Diagnostics;

namespace SelfHeal.FunctionalTests.Build;

/// <summary>
/// build/run-tests with a stand-in for dotnet: whatever goes wrong with a run, the last line and the exit code say so.
/// </summary>
public sealed class RunTestsScriptTests
{
    private const string Skipped = "<UnitTestResult testName=\"Needs_APeer\" outcome=\"NotExecuted\" />";

    private string _directory = null!; // Set before every test.

    [SetUp]
    public void Create()
    {
        _directory = Directory.CreateTempSubdirectory("selfheal-run-tests-").FullName;
        var dotnet = Path.Combine(_directory, "dotnet");
        File.WriteAllText(dotnet, """
            #!/bin/sh
            [ -z "$STUB_TRX" ] || printf '%s\n' "$STUB_TRX" > "$TEST_RESULTS/$(basename "$2").trx"
            exit "$STUB_CODE"
            """);
        File.SetUnixFileMode(dotnet, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [TearDown]
    public void Delete() => Directory.Delete(_directory, recursive: true);

    [Test]
    public async Task Run_EverythingPassed_EndsWithTheSumAndZero() =>
        await ExpectAsync("14 passed, 0 failed", 0, Counters(7, 0), 0, "false", ["a", "b"]);

    [Test]
    public async Task Run_OneFailed_EndsWithNonZero() =>
        await ExpectAsync("6 passed, 1 failed", 1, Counters(6, 1), 1, "false", ["a"]);

    [Test]
    public async Task Run_HostCrashedAfterSomeTests_IsAFailure() =>
        await ExpectAsync("6 passed, 1 failed", 1, Counters(6, 0), 1, "false", ["a"]);

    [Test]
    public async Task Run_NoResults_IsAFailure() => await ExpectAsync("0 passed, 1 failed", 1, "", 0, "false", ["a"]);

    [Test]
    public async Task Run_NoTestRan_IsAFailure() =>
        await ExpectAsync("0 passed, 1 failed", 1, Counters(0, 0), 0, "false", ["a"]);

    [Test]
    public async Task Run_SkippedWherePeersMayBeMissing_IsNoFailure() =>
        await ExpectAsync("5 passed, 0 failed", 0, Counters(5, 0) + Skipped, 0, "0", ["a"]);

    [Test]
    public async Task Run_SkippedWherePeersAreRequired_IsAFailure() =>
        await ExpectAsync("5 passed, 1 failed", 1, Counters(5, 0) + Skipped, 0, "1", ["a"]);

    [TestCase("true", "6 passed, 0 failed", 0)]
    [TestCase("exit 3", "5 passed, 1 failed", 1)]
    [TestCase("echo '2 passed, 0 failed'", "7 passed, 0 failed", 0)]
    [TestCase("echo '2 passed, 1 failed'; exit 1", "7 passed, 1 failed", 1)]
    [TestCase("echo '2 passed, 0 failed'; exit 1", "7 passed, 1 failed", 1)]
    public async Task Run_WithAGate_CountsIt(string command, string lastLine, int exitCode) =>
        await ExpectAsync(lastLine, exitCode, Counters(5, 0), 0, "0", ["--gate", "style", command, "a"]);

    [TestCase("true", "5 passed, 0 failed", 0)]
    [TestCase("exit 7", "0 passed, 1 failed", 1)]
    public async Task Run_WithABuild_TestsOnlyWhatWasBuilt(string command, string lastLine, int exitCode) =>
        await ExpectAsync(lastLine, exitCode, Counters(5, 0), 0, "0", ["--build", command, "a"]);

    private static string Counters(int passed, int failed) =>
        $"<Counters total=\"{passed + failed}\" executed=\"9\" passed=\"{passed}\" failed=\"{failed}\" error=\"0\" />";

    private static string Root()
    {
        var place = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(place.FullName, "Directory.Packages.props")))
            place = place.Parent ?? throw new DirectoryNotFoundException("no repository above the tests");
        return place.FullName;
    }

    private async Task ExpectAsync(
        string lastLine, int exitCode, string trx, int dotnetCode, string requirePeers, string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Root(), "build", "run-tests"), arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment["PATH"] = $"{_directory}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["TEST_RESULTS"] = Path.Combine(_directory, "results");
        start.Environment["SELFHEAL_REQUIRE_PEERS"] = requirePeers;
        start.Environment["STUB_TRX"] = trx;
        start.Environment["STUB_CODE"] = $"{dotnetCode}";
        using var process = Process.Start(start) ?? throw new InvalidOperationException("run-tests did not start");
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20));
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        var lines = output.TrimEnd('\n').Split('\n');
        Assert.Multiple(() =>
        {
            Assert.That(lines[^1], Is.EqualTo(lastLine), output);
            Assert.That(lines[..^1], Has.None.Match("^[0-9]+ passed, [0-9]+ failed$"), output);
            Assert.That(process.ExitCode, Is.EqualTo(exitCode), output);
        });
    }
}
