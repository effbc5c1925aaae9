using SelfHeal.Core.Control;
using SelfHeal.Core.Records;
using SelfHeal.Core.Remediation;
using SelfHeal.Core.Series;
using SelfHeal.Ledger;
using SelfHeal.Sidecar.Accepted;
using SelfHeal.Sidecar.Baselines;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Xds;
using SelfHeal.UnitTests.Control;
using SelfHeal.UnitTests.Ledger;
using SelfHeal.UnitTests.Time;
using SelfHeal.Xds.Groups;
using SelfHeal.Xds.Resources;

namespace SelfHeal.UnitTests.Sidecar;

/// <summary>
/// The async shell without its sockets: the real services on a simulated clock, a temporary ledger and a temporary
/// directory of resources. Error logs that a test did not announce fail it.
/// </summary>
internal sealed class ShellHarness : IAsyncDisposable
{
    public const string Route = "payments-routes";
    public static readonly TimeSpan Flush = TimeSpan.FromSeconds(5);
    private readonly List<ControlEvent> _drained = [];
    private long _barriers;

    private ShellHarness(
        IReadOnlyList<LedgerRecord> records, IReadOnlyList<NodeGroup> groups, string? stateFolder)
    {
        Clock = new ControlClock(Time);
        Restored = new Restored(
            Ledger.Open(), records, new ControlLoop(TestOptions.Default(Flush), records, Clock.Now));
        Inbox = new ControlInbox(new FlushBatchPool(), Meters);
        Registry = new ProxyRegistry(
            new ProcessIdentity("test"), Restored, Inbox, Meters, Time, Logs.Create<ProxyRegistry>());
        Groups = new NodeGroups(groups, Folder.Location);
        Hub = new StreamHub(Groups);
        var kept = new StateOptions { Directory = stateFolder ?? Path.GetDirectoryName(Ledger.LedgerPath)! };
        Store = new AcceptedStore(kept, new DiskStateFiles(), Meters, Logs.Create<AcceptedStore>());
        Keeper = new AcceptedKeeper(Store, Hub, Time);
        Configuration = new ConfigurationService(
            Groups,
            DescriptorSets.None,
            Hub,
            new ServedBoard(),
            Registry,
            Inbox,
            Restored,
            Store,
            Keeper,
            Time,
            Meters,
            Logs.Create<ConfigurationService>());
        Board = new IncidentBoard(Restored);
        Queries = new ControlQueries(Time);
        var state = new StateOptions { Directory = Folder.Location };
        var baselines = new BaselineService(state, Inbox, Logs.Create<BaselineService>());
        Judgement = new ControlLoopService(
            Restored,
            Inbox,
            Clock,
            Configuration,
            Board,
            baselines,
            Queries,
            Time,
            Meters,
            Logs.Create<ControlLoopService>());
    }

    public SimulatedTimeProvider Time { get; } = new();

    public TestMeters Meters { get; } = new();

    public LogRecorder Logs { get; } = new();

    public LedgerDirectory Ledger { get; } = new();

    public ResourceFolder Folder { get; } = new();

    public NodeGroups Groups { get; }

    public StreamHub Hub { get; }

    public AcceptedStore Store { get; }

    public AcceptedKeeper Keeper { get; }

    public ControlClock Clock { get; }

    public Restored Restored { get; }

    public ControlInbox Inbox { get; }

    public ProxyRegistry Registry { get; }

    public ConfigurationService Configuration { get; }

    public IncidentBoard Board { get; }

    public ControlQueries Queries { get; }

    public ControlLoopService Judgement { get; }

    /// <summary>Error logs that the test expects.</summary>
    public int ExpectedErrors { get; set; }

    /// <summary>What every proxy gets of the sample gateway's route; null before anything is served.</summary>
    public XdsResource? ServedRoute => Hub.Snapshot?.Get(TypeUrl.RouteConfiguration).Find(Route);

    /// <summary>A shell behind a ledger that holds these entries.</summary>
    public static Task<ShellHarness> CreateAsync(params LedgerRecord[] records) => CreateAsync(records, [], null);

    /// <summary>A shell with groups of nodes, and a directory of state that outlives it.</summary>
    public static ShellHarness Create(string? stateFolder, params NodeGroup[] groups) => new([], groups, stateFolder);

    private static async Task<ShellHarness> CreateAsync(
        LedgerRecord[] records, IReadOnlyList<NodeGroup> groups, string? stateFolder)
    {
        var shell = new ShellHarness(records, groups, stateFolder);
        foreach (var record in records)
        {
            var append = new LedgerAppend(record.Type.ToString(), record.IncidentId, RecordJson.Write(record));
            var answer = await shell.Restored.Store.AppendAsync(append, CancellationToken.None).InTime();
            Assert.That(answer, Is.TypeOf<AppendResult.Appended>());
        }

        return shell;
    }

    /// <summary>The entries of a gateway whose bad canary was relieved and resolved.</summary>
    public static LedgerRecord[] BadCanaryLedger(int entries)
    {
        var gateway = new GatewayModel();
        gateway.RunUntil(static () => false, 6);
        gateway.FailureRatio = static cluster => cluster == GatewayModel.Canary ? 0.3 : 0;
        Assert.That(gateway.RunUntil(() => gateway.Phase == IncidentPhase.Resolved), Is.True);
        return [.. gateway.Ledger.Take(entries)];
    }

    public static WeightOverlay Overlay(string id, uint stable, uint canary, string host = "payments") => new(
        id,
        "incident",
        Route,
        host,
        "payments",
        [new ClusterWeight(GatewayModel.Stable, stable), new ClusterWeight(GatewayModel.Canary, canary)]);

    /// <summary>Everything that waits for the control thread, when nobody else takes it.</summary>
    public List<ControlEvent> Drain()
    {
        Inbox.Drain(_drained);
        return [.. _drained];
    }

    /// <summary>Gathers what is posted until one of them is what the test waits for.</summary>
    public async Task<List<ControlEvent>> EventsUntilAsync(Func<ControlEvent, bool> isLast)
    {
        var events = new List<ControlEvent>();
        await Eventually.HoldsAsync(
            () =>
            {
                events.AddRange(Drain());
                return events.Exists(e => isLast(e));
            },
            "an event of the control inbox");
        return events;
    }

    /// <summary>Starts the configuration service and waits until it has served the directory.</summary>
    public async Task ServeAsync(int times = 1)
    {
        await Configuration.StartAsync(CancellationToken.None).InTime();
        await Logs.WaitForAsync(2201, times);
    }

    /// <summary>Lets the configuration service look at its directory once more.</summary>
    public void Look() => Time.Advance(TimeSpan.FromMilliseconds(500));

    /// <summary>Lets the control loop run at least one whole step, effects included.</summary>
    public async Task StepAsync()
    {
        // Batches of no stream are counted and ignored; when the second is counted, the step of the first is done.
        for (var i = 0; i < 2; i++)
        {
            var batch = new FlushBatch();
            batch.Seal(-1, 0, 0, 0, Clock.Now, new SeriesCatalog());
            Inbox.Post(batch);
            _barriers++;
            await Eventually.HoldsAsync(
                () =>
                {
                    Time.Advance(TimeSpan.FromMilliseconds(10));
                    return Restored.Loop.Telemetry.StrayBatches >= _barriers;
                },
                "a step of the control loop");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Judgement.StopAsync(CancellationToken.None).InTime();
        await Configuration.StopAsync(CancellationToken.None).InTime();
        await Keeper.StopAsync(CancellationToken.None).InTime();
        await Restored.DisposeAsync();
        Meters.Dispose();
        Folder.Dispose();
        Ledger.Dispose();
        Assert.That(Logs.Errors.ToList(), Has.Count.EqualTo(ExpectedErrors), string.Join('\n', Logs.Errors));
    }
}
