using System.Globalization;
using System.Text;
using System.Text.Json;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.Lab.Processes;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>One cluster of a thousand is rejected by the real Envoy, and our validator cannot know that.</summary>
[CancelAfter(120_000)]
[Parallelizable(ParallelScope.Self)]
internal sealed class RejectedClusterTests
{
    private const int Clusters = 1_000;
    private const int Quarantined = 2210;
    private const string Culprit = "many-0500";
    private const string Before = "1s";
    private const string After = "2s";

    /// <summary>Envoy's words; the rule is in its code and not in the API, which is all that we can check.</summary>
    private const string Reason = "LOGICAL_DNS clusters must have a single";

    /// <summary>What a thousand clusters count would keep a small machine busy, and is not what this is about.
    /// </summary>
    private const string Quiet = """

        stats_config:
          stats_matcher: { exclusion_list: { patterns: [{ prefix: "cluster.many-" }] } }

        """;

    /// <summary>
    /// All of them change at once. Envoy's NACK names the culprit, so one more response makes the other 999 live, with
    /// the culprit as it was accepted, and no third one follows.
    /// </summary>
    [TestCase(false)]
    [TestCase(true)]
    public async Task Nack_OneOfAThousand_TheOthersAreLiveAfterOnePush(bool delta, CancellationToken cancellationToken)
    {
        await using var gateway = await Gateway.StartAsync(
            new GatewayOptions { Delta = delta, Prepare = Prepare }, cancellationToken);
        await gateway.Admin.SyncedAsync("gateway-1", cancellationToken);
        var sent = await SentAsync(gateway, cancellationToken);

        ResourceEdit.Apply(FileIn(gateway.Resources), static _ => Text(After, isCulpritBad: true));
        await Eventually.HoldsAsync(
            async () => (await TimeoutsAsync(gateway.Envoy!, cancellationToken))
                .Count(static cluster => cluster.Timeout == After) == Clusters - 1,
            "all the others are live",
            Gateway.Patience);
        await Eventually.HoldsAsync(
            () => Task.FromResult(gateway.Serve.Logged(Quarantined).Count > 0),
            "the culprit is known",
            Gateway.Patience);
        await gateway.Admin.SyncedAsync("gateway-1", cancellationToken);
        await gateway.AnswersAsync(200);

        var timeouts = await TimeoutsAsync(gateway.Envoy!, cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(timeouts.Single(static cluster => cluster.Name == Culprit).Timeout, Is.EqualTo(Before));
            Assert.That(await SentAsync(gateway, cancellationToken) - sent, Is.EqualTo(2), "responses with clusters");
            Assert.That(await gateway.Admin.MetricAsync("selfheal_xds_nacks_total", cancellationToken), Is.EqualTo(1));
            Assert.That(
                gateway.Serve.Logged(Quarantined).Single().Text, Does.Contain($"'{Culprit}'").And.Contain(Reason));
            gateway.AssertOnlyCanaryFailed();
        }
    }

    private static void Prepare(string directory)
    {
        File.AppendAllText(Path.Combine(directory, SampleConfigs.Bootstrap), Quiet);
        File.AppendAllText(Path.Combine(directory, "bootstrap-delta.yaml"), Quiet);
        File.WriteAllText(
            FileIn(Path.Combine(directory, SampleConfigs.Resources)), Text(Before, isCulpritBad: false));
    }

    private static string FileIn(string resources) => Path.Combine(resources, "many.yaml");

    private static string Text(string timeout, bool isCulpritBad)
    {
        var text = new StringBuilder("resources:\n");
        for (var i = 0; i < Clusters; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"many-{i:D4}");
            var isBad = isCulpritBad && name == Culprit;
            var endpoint = "{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 9 } } } }";
            text.Append(CultureInfo.InvariantCulture, $$"""
                - "@type": {{TypeUrl.Cluster}}
                  name: {{name}}
                  type: {{(isBad ? "LOGICAL_DNS" : "STATIC")}}
                  connect_timeout: {{timeout}}
                  load_assignment:
                    cluster_name: {{name}}
                    endpoints: [{ lb_endpoints: [{{endpoint}}{{(isBad ? $", {endpoint}" : "")}}] }]

                """);
        }

        return text.ToString();
    }

    private static Task<double> SentAsync(Gateway gateway, CancellationToken cancellationToken) =>
        gateway.Admin.MetricAsync("selfheal_xds_responses_total", cancellationToken, TypeUrl.FullName(TypeUrl.Cluster));

    private static async Task<List<(string Name, string Timeout)>> TimeoutsAsync(
        EnvoyProcess envoy, CancellationToken cancellationToken)
    {
        using var dump = JsonDocument.Parse(
            await envoy.AdminAsync("/config_dump?resource=dynamic_active_clusters", cancellationToken));
        return
        [
            .. dump.RootElement.GetProperty("configs").EnumerateArray()
                .Select(static config => config.GetProperty("cluster"))
                .Select(static cluster => (
                    cluster.GetProperty("name").GetString() ?? "",
                    cluster.GetProperty("connect_timeout").GetString() ?? ""))
                .Where(static cluster => cluster.Item1.StartsWith("many-", StringComparison.Ordinal)),
        ];
    }
}
