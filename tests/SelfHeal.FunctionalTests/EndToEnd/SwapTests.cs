using SelfHeal.FunctionalTests.Lab.Processes;
using SelfHeal.Lab.Processes;
using SelfHeal.Lab.Swaps;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>
/// Routes and clusters are swapped under load: no request finds a route without its cluster. `make figures` does a
/// thousand of these.
/// </summary>
[CancelAfter(180_000)]
[Parallelizable(ParallelScope.All)]
internal sealed class SwapTests
{
    private const int Swaps = 150;

    [TestCase(false)]
    [TestCase(true)]
    public async Task Swap_RoutesAndClustersUnderLoad_NoRequestFindsThemTorn(
        bool delta, CancellationToken cancellationToken)
    {
        var envoy = PeerRequirement.Needs(EnvoyBinary.Find(), "an Envoy (ENVOY_BIN or PATH)");
        var directory = Directory.CreateTempSubdirectory("selfheal-swaps-").FullName;
        var options = new SwapOptions
        {
            Envoy = envoy,
            SelfHeal = new SelfHealProgram(Executable.SelfHeal, []),
            Directory = directory,
            Swaps = Swaps,
            Delta = delta,
            Seed = delta ? 2UL : 1UL,
            RequestsPerSecond = 200,
        };
        SwapReport report;
        await using (var run = new SwapRun(options, TimeProvider.System))
            report = await run.RunAsync(cancellationToken);

        TestContext.Out.WriteLine(report);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.Failures, Is.Zero, "answers with NR, NC or UH");
            Assert.That(report.TransportErrors, Is.Zero);
            Assert.That(report.Rejected, Is.Zero, "responses that Envoy rejected");
            Assert.That(report.Answers, Is.GreaterThan(500));
            Assert.That(report.Awaited, Is.GreaterThan(Swaps / 4));
        }
        Directory.Delete(directory, recursive: true);
    }
}
