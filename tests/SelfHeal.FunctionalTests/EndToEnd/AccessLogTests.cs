using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using SelfHeal.FunctionalTests.Lab;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>Access logs (ALS) of a real Envoy, configured as the sample says.</summary>
[CancelAfter(120_000)]
[Parallelizable(ParallelScope.All)]
internal sealed partial class AccessLogTests
{
    private const string Path = "/api/access_logs?intervals=60";

    // Nothing listens on the discard port of loopback.
    private const int ClosedPort = 9;

    [Test]
    public async Task Envoy_RefusedConnectionsAndRequestsWithoutARoute_AreCountedByHostAndRoute(
        CancellationToken cancellationToken)
    {
        await using var gateway = await Gateway.StartAsync(
            new GatewayOptions
            {
                Prepare = static directory => Prepare(System.IO.Path.Combine(directory, "resources")),
                Configuration = "access_logs: {enabled: true, interval: 1s}\n",
            },
            cancellationToken);
        var healthy = await RowAsync(gateway, $"127.0.0.1:{gateway.Ports.Stable}", cancellationToken);

        // The canary's endpoint moves to where nobody listens.
        ResourceEdit.Apply(System.IO.Path.Combine(gateway.Resources, "endpoints.yaml"), yaml => yaml.Replace(
            gateway.Ports.Canary.ToString(CultureInfo.InvariantCulture),
            ClosedPort.ToString(CultureInfo.InvariantCulture),
            StringComparison.Ordinal));
        var refused = await RowAsync(gateway, $"127.0.0.1:{ClosedPort}", cancellationToken);
        var noRoute = await AskForNowhereAsync(gateway, cancellationToken);

        TestContext.Out.WriteLine($"{healthy}\n{refused}\n{noRoute}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Names(healthy), Is.EqualTo("payments-v1 payments"));
            Assert.That(healthy.GetProperty("flags").EnumerateObject().Count(), Is.Zero);
            Assert.That(healthy.GetProperty("codes").GetProperty("2xx").GetInt64(), Is.GreaterThan(0));
            Assert.That(Names(refused), Is.EqualTo("payments-v2 payments"));
            Assert.That(
                refused.GetProperty("flags").GetProperty("UF").GetInt64(),
                Is.EqualTo(refused.GetProperty("requests").GetInt64()));
            Assert.That(
                refused.GetProperty("codes").GetProperty("5xx").GetInt64(),
                Is.EqualTo(refused.GetProperty("requests").GetInt64()));
            Assert.That(Names(noRoute), Is.EqualTo(" "));
            Assert.That(noRoute.GetProperty("flags").GetProperty("NR").GetInt64(), Is.EqualTo(1));
            Assert.That(noRoute.GetProperty("codes").GetProperty("4xx").GetInt64(), Is.EqualTo(1));
            Assert.That(await gateway.Admin.GetAsync(Path, cancellationToken), Does.Not.Contain("secret"));
        }
    }

    /// <summary>Takes the number signs of the sample's access logger away; hosts that are not ours have no route.
    /// </summary>
    private static void Prepare(string resources)
    {
        ResourceEdit.Apply(
            System.IO.Path.Combine(resources, "listeners.yaml"),
            static yaml => Commented().Replace(yaml, static match => match.Value.Replace("# ", "")));
        ResourceEdit.Apply(
            System.IO.Path.Combine(resources, "routes.yaml"),
            static yaml => yaml.Replace("""domains: ["*"]""", """domains: ["127.0.0.1", "127.0.0.1:*"]"""));
    }

    [GeneratedRegex(
        @"^ *# access_log:\n( *# .*\n)+", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Commented();

    private static async Task<JsonElement> AskForNowhereAsync(Gateway gateway, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.DataPlane.Listener, "/secret"));
        request.Headers.Host = "nowhere.example";
        request.Headers.Add("authorization", "secret");
        using var response = await http.SendAsync(request, cancellationToken);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        return await RowAsync(gateway, "", cancellationToken);
    }

    private static string Names(JsonElement row) =>
        $"{row.GetProperty("cluster").GetString()} {row.GetProperty("route").GetString()}";

    private static async Task<JsonElement> RowAsync(
        Gateway gateway, string upstream, CancellationToken cancellationToken)
    {
        JsonElement row = default;
        await Eventually.HoldsAsync(
            async () =>
            {
                using var answer = JsonDocument.Parse(await gateway.Admin.GetAsync(Path, cancellationToken));
                row = answer.RootElement.GetProperty("rows").EnumerateArray()
                    .FirstOrDefault(r => r.GetProperty("upstream").GetString() == upstream);
                if (row.ValueKind == JsonValueKind.Object)
                    row = row.Clone();
                return row.ValueKind == JsonValueKind.Object;
            },
            $"requests of '{upstream}' are counted",
            Gateway.Patience);
        return row;
    }
}
