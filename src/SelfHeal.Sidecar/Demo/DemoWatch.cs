using System.Collections.Immutable;
using SelfHeal.Core.Control;
using SelfHeal.Lab.Load;
using SelfHeal.Lab;
using SelfHeal.Sidecar.Admin;

namespace SelfHeal.Sidecar.Demo;

/// <summary>Looks at load and SelfHeal again and again, and turns what is new into events and frames.</summary>
internal sealed class DemoWatch(IDemoScreen screen, TimeProvider time)
{
    /// <summary>A run has one incident, or a second one after a rollback; more are not followed.</summary>
    private const int MaxIncidents = 8;

    /// <summary>Rates are means of the last second: four looks and the one before them.</summary>
    private const int MaxSamples = 5;

    private readonly List<DemoEvent> _events = [];
    private readonly Queue<(long Timestamp, LoadSnapshot Load)> _samples = new(MaxSamples + 1);
    private readonly SortedDictionary<string, ImmutableArray<TimelineEntry>> _timelines = new(StringComparer.Ordinal);
    private ImmutableArray<RouteStatus> _routes = [];
    private long _start = time.GetTimestamp();

    /// <summary>The first incident; null before there is one.</summary>
    public IncidentSummary? Incident { get; private set; }

    /// <summary>The timeline of the first incident.</summary>
    public ImmutableArray<TimelineEntry> Timeline =>
        Incident is not null && _timelines.TryGetValue(Incident.IncidentId, out var entries) ? entries : [];

    /// <summary>The names of the events of all incidents, each incident's in order.</summary>
    public IEnumerable<string> AllEvents =>
        _timelines.Values.SelectMany(entries => entries).Select(entry => entry.Event);

    /// <summary>Since the load began.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    /// <summary>The load begins now.</summary>
    public void Begin() => _start = time.GetTimestamp();

    /// <summary>Adds an event of the lab and shows it.</summary>
    public void Say(string name, string text)
    {
        _events.Add(new DemoEvent(time.GetUtcNow(), "lab", name, text));
        screen.Update(new DemoFrame(time.GetUtcNow(), TimeSpan.Zero, "setting up", name, null, [], _events));
    }

    /// <summary>Adds an event of the lab that happened a moment ago; the next look shows it.</summary>
    public void Note(DateTimeOffset at, string name, string text) => _events.Add(new DemoEvent(at, "lab", name, text));

    /// <summary>Reads what is new.</summary>
    public async Task LookAsync(DemoStage stage, CancellationToken cancellationToken)
    {
        if (!stage.SelfHeal.IsRunning)
            throw new LabException($"selfheal serve has ended; its log is {stage.SelfHeal.LogFile}");
        if (stage.DataPlane.Failure is { } failure)
            throw new LabException(failure);
        try
        {
            _routes = await stage.Admin.RoutesAsync(cancellationToken);
            await ReadIncidentsAsync(stage.Admin, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new LabException(
                $"the HTTP API of selfheal fails ({exception.Message}); its log is {stage.SelfHeal.LogFile}");
        }
    }

    /// <summary>Shows what was read, and what is being waited for.</summary>
    public void Show(DemoStage stage, string waiting, double? progress)
    {
        var rows = Rows(stage.Service, stage.Load.Snapshot());
        var phase = Incident is null ? "no incident" : PhaseName(Incident.Phase);
        screen.Update(new DemoFrame(time.GetUtcNow(), Elapsed, phase, waiting, progress, rows, _events));
    }

    private async Task ReadIncidentsAsync(DemoAdmin admin, CancellationToken cancellationToken)
    {
        var incidents = (await admin.IncidentsAsync(cancellationToken)).OrderBy(one => one.DetectedAt).ToList();
        foreach (var one in incidents.Take(MaxIncidents))
        {
            var timeline = await admin.TimelineAsync(one.IncidentId, cancellationToken);
            var known = _timelines.TryGetValue(one.IncidentId, out var before) ? before.Length : 0;
            _timelines[one.IncidentId] = timeline;
            foreach (var entry in timeline.Skip(known))
                _events.Add(new DemoEvent(entry.At, "selfheal", entry.Event, entry.Text));
        }

        Incident = incidents.FirstOrDefault();
    }

    private ImmutableArray<DemoVersionRow> Rows(DemoService service, LoadSnapshot load)
    {
        _samples.Enqueue((time.GetTimestamp(), load));
        if (_samples.Count > MaxSamples)
            _samples.Dequeue();
        var (then, old) = _samples.Peek();
        var seconds = Math.Max(time.GetElapsedTime(then).TotalSeconds, 0.001);
        DemoVersionRow[] unanswered = load.TransportErrors == 0
            ? []
            : [new("no answer", null, 0, Rate(load.TransportErrors - old.TransportErrors), load.TransportErrors)];
        return
        [
            .. DemoService.Versions.Select(version =>
            {
                var (now, past) = (load.Of(version), old.Of(version));
                return new DemoVersionRow(
                    version,
                    Weight(service.Clusters[version]),
                    Rate(now.Completed - past.Completed),
                    Rate(now.Failed - past.Failed),
                    now.Failed);
            }),
            .. unanswered,
        ];

        double Rate(long count) => count / seconds;
    }

    private uint? Weight(string cluster)
    {
        foreach (var route in _routes)
        {
            if (route.Weights.TryGetValue(cluster, out var weight))
                return weight;
        }

        return null;
    }

    /// <summary>Two words where the API has two: <c>rolling_back</c> is read by people here.</summary>
    private static string PhaseName(IncidentPhase phase) => phase switch
    {
        IncidentPhase.RollingBack => "rolling back",
        IncidentPhase.RolledBack => "rolled back",
        IncidentPhase.HandedOver => "handed over",
        _ => phase.ToString().ToLowerInvariant(),
    };
}
