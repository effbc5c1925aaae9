using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Demo;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>Reads the admin API of a running <c>selfheal serve</c>.</summary>
internal sealed class AdminReader : IDisposable
{
    private readonly HttpClient _http;
    private readonly DemoAdmin _incidents;

    public AdminReader(int port)
    {
        Address = new UriBuilder("http", "127.0.0.1", port).Uri;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = Address,
            Timeout = Gateway.Patience,
        };
        _incidents = new DemoAdmin(Address);
    }

    public Uri Address { get; }

    /// <summary>The body of any path.</summary>
    public Task<string> GetAsync(string path, CancellationToken cancellationToken) =>
        _http.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken);

    /// <summary>The sum of all series of a metric whose labels contain each of the given texts.</summary>
    public async Task<double> MetricAsync(string name, CancellationToken cancellationToken, params string[] labels)
    {
        var text = await GetAsync("/metrics", cancellationToken);
        return text.Split('\n')
            .Where(line => line.StartsWith($"{name}{{", StringComparison.Ordinal)
                || line.StartsWith($"{name} ", StringComparison.Ordinal))
            .Where(line => labels.All(label => line.Contains(label, StringComparison.Ordinal)))
            .Sum(static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>Waits for so many more stats messages.</summary>
    public async Task FlushesAsync(int more, CancellationToken cancellationToken)
    {
        const string Messages = "selfheal_stats_messages_total";
        var before = await MetricAsync(Messages, cancellationToken);
        await Eventually.HoldsAsync(
            async () => await MetricAsync(Messages, cancellationToken) >= before + more,
            $"{more} more stats messages",
            Gateway.Patience);
    }

    /// <summary>Waits until the only incident's timeline has an event, and returns the timeline.</summary>
    public async Task<ImmutableArray<TimelineEntry>> EventAsync(string name, CancellationToken cancellationToken)
    {
        ImmutableArray<TimelineEntry> timeline = [];
        await Eventually.HoldsAsync(
            async () =>
            {
                if (await IncidentAsync(cancellationToken) is not { } incident)
                    return false;
                timeline = await _incidents.TimelineAsync(incident.IncidentId, cancellationToken);
                return timeline.Any(entry => entry.Event == name);
            },
            $"the timeline says '{name}'",
            Gateway.Patience);
        return timeline;
    }

    /// <summary>The incident; null before there is one. Two are a failure.</summary>
    public async Task<IncidentSummary?> IncidentAsync(CancellationToken cancellationToken)
    {
        var incidents = await _incidents.IncidentsAsync(cancellationToken);
        Assert.That(incidents, Has.Length.LessThanOrEqualTo(1), "one incident is one incident");
        return incidents.FirstOrDefault();
    }

    /// <summary>The ledger's entries of the only incident, in order.</summary>
    public async Task<IReadOnlyList<JsonElement>> EntriesAsync(CancellationToken cancellationToken)
    {
        var incident = await IncidentAsync(cancellationToken) ?? throw new InvalidOperationException("no incident");
        var json = await GetAsync($"/api/incidents/{incident.IncidentId}/full", cancellationToken);
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(static entry => entry.Clone())];
    }

    /// <summary>Waits until a proxy has accepted the newest version of every type.</summary>
    public Task SyncedAsync(string node, CancellationToken cancellationToken) => Eventually.HoldsAsync(
        async () =>
        {
            using var proxies = JsonDocument.Parse(await GetAsync("/api/proxies", cancellationToken));
            var types = proxies.RootElement.EnumerateArray()
                .Where(proxy => proxy.GetProperty("node").ValueEquals(node))
                .SelectMany(static proxy => proxy.GetProperty("types").EnumerateArray())
                .ToList();
            return types.Count == 4 && types.TrueForAll(static type => type.GetProperty("state").ValueEquals("synced"));
        },
        $"{node} holds the newest of all four types",
        Gateway.Patience);

    public void Dispose()
    {
        _http.Dispose();
        _incidents.Dispose();
    }
}
