using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace SelfHeal.Sidecar.Admin;

/// <summary>The JSON of the admin API, written by generated code; server and commands share it.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ImmutableArray<IncidentSummary>))]
[JsonSerializable(typeof(ImmutableArray<TimelineEntry>))]
[JsonSerializable(typeof(ImmutableArray<ProxyStatus>))]
[JsonSerializable(typeof(ProxyDocument))]
[JsonSerializable(typeof(ProxyDiffDocument))]
[JsonSerializable(typeof(ImmutableArray<RouteStatus>))]
[JsonSerializable(typeof(ImmutableArray<OverlayStatus>))]
[JsonSerializable(typeof(ImmutableArray<GroupStatus>))]
[JsonSerializable(typeof(LoadListing))]
[JsonSerializable(typeof(TrafficStatus))]
[JsonSerializable(typeof(DrainStatus))]
[JsonSerializable(typeof(AccessLogListing))]
[JsonSerializable(typeof(Readiness))]
[JsonSerializable(typeof(ProblemDocument))]
internal sealed partial class AdminJson : JsonSerializerContext;
