using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Config.Loading;
using SelfHeal.Sidecar.Hosting;

namespace SelfHeal.Sidecar.Composition;

/// <summary>
/// The parts of the executable. Until the decision engine and the xDS server are wired in here, <c>serve</c> opens both
/// listeners, answers that it is not ready, and knows no incidents.
/// </summary>
internal static class StandaloneParts
{
    private static readonly string[] ResourceExtensions = [".yaml", ".yml", ".json"];

    /// <summary>All parts.</summary>
    public static ApplicationParts Create() => new(
        _ => new HostComposition(
            services =>
            {
                services.AddSingleton<IIncidentBoard, EmptyIncidentBoard>();
                services.AddSingleton<IGatewayBoard, EmptyGatewayBoard>();
            },
            _ => { }),
        CheckResources,
        []);

    private static ResourceCheck CheckResources(string directory)
    {
        var files = Directory
            .EnumerateFiles(directory)
            .Count(file => ResourceExtensions.Contains(Path.GetExtension(file), StringComparer.Ordinal));
        var summary = string.Create(CultureInfo.InvariantCulture, $"{files} resource files");
        return files > 0
            ? new ResourceCheck(summary, [])
            : new ResourceCheck(summary, [new ConfigFinding(
                directory, 0, 0, "", $"no resource files; expected {string.Join(", ", ResourceExtensions)}")]);
    }

    private sealed class EmptyIncidentBoard : IIncidentBoard
    {
        public ImmutableArray<IncidentSummary> Incidents => [];

        public IncidentDocument? Find(string incidentId) => null;

        public ValueTask<ReadOnlyMemory<byte>?> ReadEntriesAsync(
            string incidentId, CancellationToken cancellationToken) => new((ReadOnlyMemory<byte>?)null);
    }

    private sealed class EmptyGatewayBoard : IGatewayBoard
    {
        public Readiness Readiness { get; } =
            new(false, ["The xDS server is not part of this build."], JudgementState.Unattended);

        public ImmutableArray<ProxyStatus> Proxies => [];

        public ImmutableArray<RouteStatus> Routes => [];
    }
}
