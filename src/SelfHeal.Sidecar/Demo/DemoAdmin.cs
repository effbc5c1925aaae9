using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SelfHeal.Sidecar.Admin;

namespace SelfHeal.Sidecar.Demo;

/// <summary>
/// Asks the demo's <c>selfheal serve</c> over the same HTTP API that people and the other commands use.
/// </summary>
internal sealed class DemoAdmin(Uri address) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = address,
        Timeout = TimeSpan.FromSeconds(10),
    };

    public Task<ImmutableArray<IncidentSummary>> IncidentsAsync(CancellationToken cancellationToken) =>
        GetAsync("api/incidents", AdminJson.Default.ImmutableArrayIncidentSummary, cancellationToken);

    public Task<ImmutableArray<TimelineEntry>> TimelineAsync(string incident, CancellationToken cancellationToken) =>
        GetAsync(
            $"api/incidents/{Uri.EscapeDataString(incident)}/timeline",
            AdminJson.Default.ImmutableArrayTimelineEntry,
            cancellationToken);

    public Task<ImmutableArray<RouteStatus>> RoutesAsync(CancellationToken cancellationToken) =>
        GetAsync("api/routes", AdminJson.Default.ImmutableArrayRouteStatus, cancellationToken);

    public Task<ImmutableArray<OverlayStatus>> OverlaysAsync(CancellationToken cancellationToken) =>
        GetAsync("api/overlays", AdminJson.Default.ImmutableArrayOverlayStatus, cancellationToken);

    public Task<string> RecordAsync(string incident, CancellationToken cancellationToken) =>
        _http.GetStringAsync(Relative($"api/incidents/{Uri.EscapeDataString(incident)}"), cancellationToken);

    public Task<string> NarrativeAsync(string incident, CancellationToken cancellationToken) =>
        _http.GetStringAsync(Relative($"api/incidents/{Uri.EscapeDataString(incident)}/narrative"), cancellationToken);

    public void Dispose() => _http.Dispose();

    /// <summary>Something that is not there yet, such as the timeline of a brand-new incident, is empty.</summary>
    private async Task<ImmutableArray<T>> GetAsync<T>(
        string path, JsonTypeInfo<ImmutableArray<T>> type, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(Relative(path), cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return [];
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var items = await JsonSerializer.DeserializeAsync(body, type, cancellationToken);
        return items.IsDefault ? [] : items;
    }

    private static Uri Relative(string path) => new(path, UriKind.Relative);
}
