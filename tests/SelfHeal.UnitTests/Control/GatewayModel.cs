using SelfHeal.Core.Control;
using SelfHeal.Core.Records;
using SelfHeal.Core.Remediation;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;

namespace SelfHeal.UnitTests.Control;

/// <summary>
/// A gateway with one route over two versions that reacts to weights, and a shell that executes effects at once: the
/// control loop runs against it on simulated time.
/// </summary>
internal sealed class GatewayModel
{
    public const string Stable = "payments-v1";
    public const string Canary = "payments-v2";
    private const string PristineHash = "pristine";
    private const int RequestsPerSecond = 200;

    private readonly SeriesCatalog _catalog = new();
    private readonly Dictionary<SeriesKey, int> _indexes = [];
    private readonly Dictionary<SeriesKey, long> _values = [];
    private readonly IRandomSource _random;
    private readonly TimeSpan _flush;
    private readonly List<ControlEvent> _inbox = [];
    private readonly List<ControlEffect> _outbox = [];
    private readonly List<WeightOverlay> _overlays = [];
    private long _sequence;
    private int _subscribed;
    private bool _holds = true;

    public GatewayModel(
        ulong seed = 1,
        Func<ControlLoopOptions, ControlLoopOptions>? configure = null,
        IReadOnlyList<LedgerRecord>? ledger = null,
        double flushSeconds = 5,
        bool proxyIsConnected = true)
    {
        _subscribed = proxyIsConnected ? 1 : 0;
        _random = new SeededRandomSource(seed);
        _flush = TimeSpan.FromSeconds(flushSeconds);
        var options = TestOptions.Default(_flush);
        Options = configure?.Invoke(options) ?? options;
        Loop = new ControlLoop(Options, ledger ?? [], Now);
        Ledger.AddRange(ledger ?? []);
        _overlays.AddRange(Loop.OverlaysInForce);
        Post(new ControlEvent.TopologyChanged(TopologyWith(90, 10)));
        Post(new ControlEvent.StatsStreamOpened(1, "envoy-1", "edge"));
        AnswerRoute();
    }

    public ControlTime Now { get; private set; } =
        new(1_000_000_000, new DateTimeOffset(2026, 4, 12, 3, 17, 42, TimeSpan.Zero));

    public ControlLoopOptions Options { get; }

    public ControlLoop Loop { get; }

    public List<LedgerRecord> Ledger { get; } = [];

    /// <summary>Every effect in the order of execution.</summary>
    public List<ControlEffect> Effects { get; } = [];

    public List<IncidentProgress> Timeline { get; } = [];

    /// <summary>Share of responses that fail, by cluster; asked once per flush.</summary>
    public Func<string, double> FailureRatio { get; set; } = static _ => 0;

    /// <summary>When true the ledger refuses.</summary>
    public bool LedgerIsFull { get; set; }

    /// <summary>When set, the proxy rejects overlays with these words.</summary>
    public string? ProxyRejects { get; set; }

    /// <summary>When true the proxy never answers a push.</summary>
    public bool ProxyIsSilent { get; set; }

    /// <summary>When true no stats come any more.</summary>
    public bool StatsAreSilent { get; set; }

    /// <summary>Called after every step with what the loop was told and what it asked for.</summary>
    public Action<ControlTime, ControlEvent[], List<ControlEffect>> OnStep { get; set; } = static (_, _, _) => { };

    /// <summary>When true the proxy counts gRPC calls too.</summary>
    public bool CountsGrpc { get; set; }

    /// <summary>Called for every entry before it is answered.</summary>
    public Action<LedgerRecord> OnAppend { get; set; } = static _ => { };

    public uint WeightOf(string cluster) =>
        _overlays.Count > 0
            ? _overlays[^1].Weights.First(w => w.Cluster == cluster).Weight
            : cluster == Stable ? 90u : 10u;

    public IncidentPhase? Phase => Timeline.Count == 0 ? null : Timeline[^1].Phase;

    public static GatewayTopology TopologyWith(uint stable, uint canary) => new(
        [new TrafficSplit(
            "payments",
            "payments-routes",
            "payments",
            "payments",
            [new VersionShare("v1", Stable, stable), new VersionShare("v2", Canary, canary)])],
        [Stable, Canary]);

    /// <summary>The proxy is there; it holds what is served, or still has to.</summary>
    public void ConnectProxy(bool holds)
    {
        _subscribed = 1;
        _holds = holds;
        AnswerRoute();
    }

    public void Post(ControlEvent happened) => _inbox.Add(happened);

    /// <summary>Runs flushes until <paramref name="done"/> or the bound; each is followed by quiet ticks.</summary>
    public bool RunUntil(Func<bool> done, int flushes = 400)
    {
        for (var i = 0; i < flushes; i++)
        {
            if (done())
                return true;
            RunFlush();
        }

        return done();
    }

    public void RunFlush()
    {
        Now = Now.Plus(_flush - TimeSpan.FromMilliseconds(300));
        Serve();
        if (!StatsAreSilent)
            Post(Flush().Received);
        for (var i = 0; i < 3; i++)
        {
            Step();
            Now = Now.Plus(TimeSpan.FromMilliseconds(100));
        }
    }

    private void Step()
    {
        // What the shell answers arrives in the same simulated instant, as more steps.
        do
        {
            var events = _inbox.ToArray();
            _inbox.Clear();
            Loop.Step(Now, events, _outbox);
            OnStep(Now, events, _outbox);
            var effects = _outbox.ToArray();
            _outbox.Clear();
            foreach (var effect in effects)
                Execute(effect);
        }
        while (_inbox.Count > 0);
    }

    private void Execute(ControlEffect effect)
    {
        Effects.Add(effect);
        switch (effect)
        {
            case ControlEffect.AppendRecord append when LedgerIsFull:
                Post(new ControlEvent.RecordRefused(append.Record.Sequence, "disk full"));
                break;
            case ControlEffect.AppendRecord append:
                OnAppend(append.Record);

                // As the ledger does it: through bytes and back.
                Ledger.Add(RecordJson.Read(RecordJson.Write(append.Record)));
                Post(new ControlEvent.RecordAppended(append.Record.Sequence, "leaf"));
                break;
            case ControlEffect.ApplyOverlay apply when ProxyRejects is { } words:
                Post(new ControlEvent.OverlayRejected(
                    new RouteRejection(apply.Overlay.Id, "envoy-1", "version", words)));
                break;
            case ControlEffect.ApplyOverlay apply:
                _overlays.Add(apply.Overlay);
                AnswerRoute();
                break;
            case ControlEffect.WithdrawOverlay withdraw:
                _overlays.RemoveAll(o => o.Id == withdraw.OverlayId);
                AnswerRoute();
                break;
            case ControlEffect.Report report:
                Timeline.Add(report.Progress);
                break;
        }
    }

    private void AnswerRoute() => Post(new ControlEvent.RouteHeld(
        "payments-routes",
        _subscribed,
        Holding: !_holds || (ProxyIsSilent && _overlays.Count > 0) ? 0 : _subscribed,
        _overlays.Count == 0 ? PristineHash : $"with {_overlays[^1].Id}",
        PristineHash,
        [.. _overlays.Select(static o => o.Id)]));

    private void Serve()
    {
        var total = RequestsPerSecond * _flush.TotalSeconds;
        foreach (var cluster in (string[])[Stable, Canary])
        {
            var requests = (int)(total * WeightOf(cluster) / 100);
            var failures = 0;
            var bar = (int)(FailureRatio(cluster) * 1_000_000);
            for (var i = 0; i < requests; i++)
                failures += _random.NextInt32(1_000_000) < bar ? 1 : 0;
            Add(cluster, Stat.UpstreamRqTotal, requests);
            Add(cluster, Stat.UpstreamRqCompleted, requests);
            Add(cluster, Stat.UpstreamRq5xx, failures);
            Add(cluster, Stat.GrpcTotal, CountsGrpc ? requests : 0);
            _values[new SeriesKey(StatScope.Cluster, cluster, Stat.MembershipTotal)] = 3;
        }

        _values[new SeriesKey(StatScope.Server, "", Stat.Uptime)] = Now.MonotonicNanos / ControlTime.NanosPerSecond;
    }

    private void Add(string cluster, Stat stat, long delta)
    {
        // Envoy sends a counter only once it was touched.
        var key = new SeriesKey(StatScope.Cluster, cluster, stat);
        if (delta > 0)
            _values[key] = _values.GetValueOrDefault(key) + delta;
    }

    private FlushBatch Flush()
    {
        var batch = new FlushBatch();
        foreach (var (key, value) in _values)
        {
            if (!_indexes.TryGetValue(key, out var index))
                _indexes.Add(key, index = _catalog.Append(new SeriesEntry($"{key.Name}.{key.Stat}", key, false)));
            batch.Add(index, value);
        }

        batch.Seal(1, _sequence++, 0, Now.Wall.ToUnixTimeMilliseconds(), Now, _catalog);
        return batch;
    }
}
