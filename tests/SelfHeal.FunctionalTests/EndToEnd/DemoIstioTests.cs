using System.Text.Json;
using SelfHeal.FunctionalTests.Delegation;
using SelfHeal.FunctionalTests.Lab.Processes;
using SelfHeal.Lab.Processes;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary><c>selfheal demo --mode istio</c>: the split is a VirtualService in a real Istiod.</summary>
[CancelAfter(240_000)]
internal sealed class DemoIstioTests
{
    [Test]
    public async Task Demo_BadCanaryBehindIstiod_IsResolvedAndTheRouteRestored(CancellationToken cancellationToken)
    {
        PeerRequirement.Needs(EnvoyBinary.Find(), "an Envoy (ENVOY_BIN or PATH)");
        await using var mesh = await MeshPeer.StartAsync(cancellationToken);
        var report = Path.GetTempFileName();
        try
        {
            var (code, output, error) = await Executable.RunAsync(
                [
                    "demo", "--mode", "istio", "--flush", "1s", "--contract-window", "10s", "--seed", "11",
                    "--json", report,
                ],
                cancellationToken,
                mesh.Environment);
            Assert.That(code, Is.Zero, $"{output}\n{error}");
            using var json = JsonDocument.Parse(await File.ReadAllTextAsync(report, cancellationToken));
            AssertRestored(json.RootElement.GetProperty("runs")[0], output);
        }
        finally
        {
            File.Delete(report);
        }
    }

    [Test]
    public async Task Demo_WithoutAMesh_SaysWhatIsMissingAndHowToGetIt(CancellationToken cancellationToken)
    {
        var nothing = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ISTIOD_XDS"] = null,
            ["KUBECTL"] = null,
        };
        var (code, output, _) = await Executable.RunAsync(["demo", "--mode", "istio"], cancellationToken, nothing);

        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("ISTIOD_XDS is not set").And.Contain("KUBECTL is not set"));
        Assert.That(output, Does.Contain("port-forward"));
    }

    private static void AssertRestored(JsonElement run, string output)
    {
        var digests = run.GetProperty("route_digests").EnumerateArray()
            .Select(static digest => digest.GetProperty("sha256").GetString())
            .ToList();
        var findings = run.GetProperty("findings").EnumerateArray().ToList();
        var record = run.GetProperty("record").GetRawText();
        TestContext.Out.WriteLine($"first failure to ACK {run.GetProperty("to_ack_seconds")} s");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.GetProperty("data_plane").GetString(), Does.StartWith("Envoy "));
            Assert.That(findings.All(static finding => finding.GetProperty("held").GetBoolean()), Is.True, output);
            Assert.That(run.GetProperty("to_ack_seconds").GetDouble(), Is.LessThanOrEqualTo(6), "as without Istiod");
            Assert.That(run.GetProperty("canary_requests_late").GetInt64(), Is.Zero);
            Assert.That(record, Does.Contain("payments.default.svc.cluster.local"));
            Assert.That(digests, Has.Count.EqualTo(3).And.All.Length.EqualTo(64));
            Assert.That(digests[1], Is.Not.EqualTo(digests[0]), "under the overlay");
            Assert.That(digests[2], Is.EqualTo(digests[0]), "after it");
        }
    }
}
