using SelfHeal.Core.Control;
using SelfHeal.Core.Loads;
using System.Collections.Immutable;
using System.Text;
using SelfHeal.Core.Remediation;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Overlays;
using SelfHeal.Xds.Accepted;

namespace SelfHeal.FunctionalTests.Sidecar;

/// <summary>All boards, from memory.</summary>
internal sealed class TestBoards : IIncidentBoard, IGatewayBoard, IProxyBoard, ITrafficBoard
{
    public const string IncidentId = "ing-2026-0412-0317";

    public const string Record =
        """{"incident_id":"ing-2026-0412-0317","evidence":["e1"],"hypothesis":{"cause":"v2"}}""";

    private static readonly DateTimeOffset DetectedAt = new(2026, 4, 12, 3, 17, 42, TimeSpan.Zero);

    private static readonly IncidentSummary Summary =
        new(IncidentId, "payments", IncidentPhase.RollingBack, DetectedAt, null);

    public Readiness Readiness { get; set; } = new(true, [], JudgementState.Attended);

    public bool IsBroken { get; set; }

    public bool CountsAccessLogs { get; set; } = true;

    public bool IsUnattended { get; set; }

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

    public ImmutableArray<OverlayStatus> Overlays =>
    [
        new OverlayStatus(
            "o1",
            OverlayCarrier.Eds,
            "payments",
            "endpoint weights: 10.0.0.1:80=1",
            "operator",
            "drain",
            "case-7",
            DetectedAt,
            OverlayState.Refused,
            "there is no endpoint '10.0.0.1:80'"),
    ];

    ProxyDocument? IProxyBoard.Find(string node) => node is "edge/1"
        ? new ProxyDocument(node, "edge", "envoy 1.40.0", ["envoy.lb.does_not_support_overprovisioning"], [], [])
        : null;

    ProxyDiffDocument? IProxyBoard.Compare(string node) => node is "edge/1"
        ? new ProxyDiffDocument(
            node, [new ProxyDifferenceDocument("t.x", "r", "missing", "abc", null, "--- a\n+++ b\n", null)], 0, [])
        : null;

    public ImmutableArray<GroupStatus> Groups =>
    [
        new GroupStatus(
            "default",
            2,
            GroupSource.Disk,
            "aa",
            "bb",
            VerifiedPhase.Soaking,
            "",
            null,
            4,
            [new QuarantineStatus("t.x", "bad", "cc", "edge-1", DetectedAt, "no such filter")],
            ["served from disk"]),
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

    public Task<LoadListing?> LoadsAsync(string? cluster, CancellationToken cancellationToken) => Answer(
        new LoadListing(
            [new LoadStatus("edge-1", cluster ?? "v1", "r", "z", "", 0, "10.0.0.1:80", 3, 2.5, null, 1)], LeftOut: 7));

    public Task<TrafficStatus?> TrafficAsync(string cluster, CancellationToken cancellationToken) => Answer(
        new TrafficStatus(
            cluster,
            2,
            1,
            0.5,
            4,
            ImmutableSortedDictionary<string, long>.Empty.Add("lb", 4),
            [new LocalityStatus("r", "z", "", 0, 3, 100, 0.25, 0.01)]));

    public Task<DrainStatus?> DrainAsync(string cluster, string endpoint, CancellationToken cancellationToken) =>
        Answer(new DrainStatus(
            cluster,
            endpoint,
            DrainVerdict.NoEvidence,
            ["proxy_unknown"],
            3,
            [new ProxyDrainStatus("edge-1", ProxyDrainState.WithoutCluster, 0, 0, null)]));

    public Task<AccessLogListing?> AccessLogsAsync(int intervals, CancellationToken cancellationToken) => Answer(
        new AccessLogListing(
            5,
            intervals,
            [
                new AccessLogStatus(
                    "v1",
                    "10.0.0.1:80",
                    "main",
                    9,
                    ImmutableSortedDictionary<string, long>.Empty.Add("5xx", 9),
                    ImmutableSortedDictionary<string, long>.Empty.Add("UF", 9)),
            ]));

    private Task<T?> Answer<T>(T answer)
        where T : class => Task.FromResult(IsUnattended ? null : answer);
}
