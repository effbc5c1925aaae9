using SelfHeal.Core.Control;
using System.Collections.Immutable;
using System.Text;
using SelfHeal.Sidecar.Admin;

namespace SelfHeal.FunctionalTests.Sidecar;

/// <summary>Both boards, from memory.</summary>
internal sealed class TestBoards : IIncidentBoard, IGatewayBoard
{
    public const string IncidentId = "ing-2026-0412-0317";

    public const string Record =
        """{"incident_id":"ing-2026-0412-0317","evidence":["e1"],"hypothesis":{"cause":"v2"}}""";

    private static readonly DateTimeOffset DetectedAt = new(2026, 4, 12, 3, 17, 42, TimeSpan.Zero);

    private static readonly IncidentSummary Summary =
        new(IncidentId, "payments", IncidentPhase.RollingBack, DetectedAt, null);

    public Readiness Readiness { get; set; } = new(true, [], JudgementState.Attended);

    public bool IsBroken { get; set; }

    public ImmutableArray<IncidentSummary> Incidents => [Summary];

    public ImmutableArray<ProxyStatus> Proxies => IsBroken
        ? throw new InvalidOperationException("broken")
        : [new ProxyStatus("edge-1", true, [new ProxyTypeStatus("t.x/x", "abc", "acked")])];

    public ImmutableArray<RouteStatus> Routes =>
    [
        new RouteStatus("payments", "main", "all", "#0", ImmutableSortedDictionary<string, uint>.Empty
            .Add("v2", 10)
            .Add("v1", 90)),
    ];

    public IncidentDocument? Find(string incidentId) =>
        string.Equals(incidentId, IncidentId, StringComparison.Ordinal)
            ? new IncidentDocument(
                Summary,
                Encoding.UTF8.GetBytes(Record),
                [new TimelineEntry(DetectedAt, "detected", "5xx rose.")],
                "At 03:17 errors rose.")
            : null;

    public ValueTask<byte[]?> ReadEntriesAsync(string incidentId, CancellationToken cancellationToken) =>
        new(Find(incidentId) is null ? null : "[1,2]"u8.ToArray());
}
