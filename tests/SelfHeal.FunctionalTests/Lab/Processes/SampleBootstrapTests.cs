using System.Diagnostics;
using SelfHeal.Lab.Processes;

namespace SelfHeal.FunctionalTests.Lab.Processes;

/// <summary>Every bootstrap among the samples, as a real Envoy checks it.</summary>
[TestFixture]
[CancelAfter(60_000)]
public sealed class SampleBootstrapTests
{
    private static readonly string Samples = Path.Combine(AppContext.BaseDirectory, "Samples");

    [TestCase("envoy-configs/bootstrap-ads.yaml")]
    [TestCase("envoy-configs/bootstrap-delta.yaml")]
    [TestCase("envoy-configs/bootstrap-istio.yaml")]
    [TestCase("delegate/bootstrap-sidecar.yaml")]
    public async Task Validate_Bootstrap_IsAccepted(string file, CancellationToken cancellationToken)
    {
        var binary = PeerRequirement.Needs(EnvoyBinary.Find(), "an Envoy (ENVOY_BIN or PATH)");
        string[] arguments = ["--mode", "validate", "--config-path", Path.Combine(Samples, file)];
        using var envoy = Process.Start(new ProcessStartInfo(binary, arguments)
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException($"{binary} did not start");
        var log = await envoy.StandardError.ReadToEndAsync(cancellationToken);
        await envoy.WaitForExitAsync(cancellationToken);

        Assert.That(envoy.ExitCode, Is.Zero, log);
    }
}
