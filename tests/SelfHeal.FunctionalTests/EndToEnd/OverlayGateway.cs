using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Time;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.FunctionalTests.Lab.Processes;
using SelfHeal.Lab.Processes;
using SelfHeal.Lab.Upstream;
using SelfHeal.Sidecar.Composition;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Hosting;
using SelfHeal.Sidecar.Overlays;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>
/// The whole product in this process, so that its in-process API can be used, with a real Envoy behind it and three
/// upstream servers: <c>a1</c> and <c>a2</c> in locality <c>eu/a</c>, <c>b1</c> in <c>eu/b</c>.
/// </summary>
internal sealed class OverlayGateway : IAsyncDisposable
{
    private static readonly string[] Upstreams = ["a1", "a2", "b1"];

    private readonly string _directory = Directory.CreateTempSubdirectory("selfheal-overlays-").FullName;
    private readonly LabPorts _ports = LabPorts.Free();
    private readonly LogCollector _logs = new();
    private readonly Dictionary<string, UpstreamServer> _upstreams = Upstreams.ToDictionary(
        static name => name,
        static name => new UpstreamServer(name, 0, new SeededRandomSource(1), TimeProvider.System),
        StringComparer.Ordinal);

    private SelfHealHost _host = null!; // Set by StartAsync, the only way to get a gateway.
    private EnvoyProcess _envoy = null!; // As above.
    private HttpClient _client = null!; // As above.

    private OverlayGateway()
    {
    }

    public IOverlays Overlays => _host.Services.GetRequiredService<IOverlays>();

    /// <summary>Errors that were logged.</summary>
    public IEnumerable<string> Errors => _logs.Errors;

    /// <summary>An upstream's address as overlays and Envoy name it.</summary>
    public string AddressOf(string upstream) =>
        string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_upstreams[upstream].Address.Port}");

    /// <summary>Starts everything; Envoy is ready and answers.</summary>
    public static async Task<OverlayGateway> StartAsync(bool delta, CancellationToken cancellationToken)
    {
        var binary = PeerRequirement.Needs(EnvoyBinary.Find(), "an Envoy (ENVOY_BIN or PATH)");
        var gateway = new OverlayGateway();
        try
        {
            await gateway.StartAsync(binary, delta, cancellationToken);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>A page of Envoy's admin interface.</summary>
    public Task<string> AdminAsync(string path, CancellationToken cancellationToken) =>
        _envoy.AdminAsync(path, cancellationToken);

    /// <summary>
    /// All that Envoy holds of xDS and of runtime keys, without the times at which it came: equal texts are equal
    /// configurations.
    /// </summary>
    public async Task<string> StateAsync(CancellationToken cancellationToken)
    {
        var dump = JsonNode.Parse(await AdminAsync("/config_dump?include_eds", cancellationToken));
        var runtime = JsonNode.Parse(await AdminAsync("/runtime", cancellationToken));
        Normalize(dump);
        Normalize(runtime);
        return $"{dump}\n{runtime?["entries"]}";
    }

    /// <summary>What a line of <c>/clusters</c> says, such as of <c>app::127.0.0.1:80::weight</c>; null if there is no
    /// such line.</summary>
    public async Task<string?> ClusterLineAsync(string name, CancellationToken cancellationToken)
    {
        var lines = (await AdminAsync("/clusters", cancellationToken)).Split('\n');
        var line = Array.Find(lines, line => line.StartsWith($"{name}::", StringComparison.Ordinal));
        return line?[(name.Length + 2)..];
    }

    /// <summary>The objects in a configuration dump that have a property, by path of names.</summary>
    public async Task<List<JsonElement>> FindAsync(string property, CancellationToken cancellationToken)
    {
        using var dump = JsonDocument.Parse(await AdminAsync("/config_dump?include_eds", cancellationToken));
        var found = new List<JsonElement>();
        Collect(dump.RootElement, property, found);
        return found;
    }

    /// <summary>How many of so many requests each upstream answered; every one must be answered.</summary>
    public async Task<Dictionary<string, int>> AnswersAsync(int requests, CancellationToken cancellationToken)
    {
        var answers = Upstreams.ToDictionary(static name => name, static _ => 0, StringComparer.Ordinal);
        for (var i = 0; i < requests; i++)
        {
            using var response = await _client.GetAsync(new Uri("/direct", UriKind.Relative), cancellationToken);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            answers[response.Headers.GetValues(UpstreamServer.VersionHeader).Single()]++;
        }

        return answers;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_envoy is not null)
            await _envoy.DisposeAsync();
        if (_host is not null)
            await _host.DisposeAsync();
        foreach (var upstream in _upstreams.Values)
            await upstream.DisposeAsync();
        _logs.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static void Normalize(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject values:
                values.Remove("last_updated");
                // Envoy writes the entries of maps as they come.
                foreach (var (name, value) in values.OrderBy(static v => v.Key, StringComparer.Ordinal).ToList())
                {
                    Normalize(value);
                    values.Remove(name);
                    values.Add(name, value);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                    Normalize(item);
                break;
        }
    }

    private static void Collect(JsonElement element, string property, List<JsonElement> found)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                Collect(item, property, found);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            if (element.TryGetProperty(property, out _))
                found.Add(element.Clone());
            foreach (var value in element.EnumerateObject())
                Collect(value.Value, property, found);
        }
    }

    private async Task StartAsync(string binary, bool delta, CancellationToken cancellationToken)
    {
        foreach (var upstream in _upstreams.Values)
            await upstream.StartAsync(cancellationToken);
        var resources = Directory.CreateDirectory(Path.Combine(_directory, "resources")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(resources, "all.yaml"),
            OverlayGatewayFiles.Resources(_ports.Listener, AddressOf),
            cancellationToken);
        var options = new SelfHealOptions
        {
            Xds = new XdsOptions
            {
                Listen = new ListenAddress.Tcp(IPAddress.Loopback, _ports.Xds),
                Resources = resources,
            },
            Admin = new AdminOptions { Listen = new ListenAddress.Tcp(IPAddress.Loopback, _ports.SelfHealAdmin) },
            State = new StateOptions { Directory = Path.Combine(_directory, "state") },
        };
        var composition = await SidecarParts.Create().ComposeAsync(options, TimeProvider.System, cancellationToken);
        _host = SelfHealHost.Build(
            options, composition, logging => logging.AddProvider(_logs), TimeProvider.System);
        await _host.StartAsync([], cancellationToken);

        var bootstrap = Path.Combine(_directory, "bootstrap.yaml");
        await File.WriteAllTextAsync(bootstrap, OverlayGatewayFiles.Bootstrap(_ports, delta), cancellationToken);
        _envoy = EnvoyProcess.Start(
            binary, bootstrap, _ports, Path.Combine(_directory, "envoy.log"), TimeProvider.System);
        await _envoy.WaitReadyAsync(Gateway.Patience, cancellationToken);
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = _envoy.Listener };
        await Eventually.HoldsAsync(
            async () =>
            {
                using var response = await _client.GetAsync(new Uri("/direct", UriKind.Relative), cancellationToken);
                return response.IsSuccessStatusCode;
            },
            "Envoy answers",
            Gateway.Patience);
    }
}
