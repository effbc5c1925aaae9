using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Control;
using SelfHeal.Core.Records;
using SelfHeal.Core.Remediation;
using SelfHeal.Core.Topology;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Overlays;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Groups;
using SelfHeal.Xds.Overlays;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Delegation;

/// <summary>
/// Owns the overlays on what upstreams give, and tells the judgement what that is. Relayed streams do not wait for it:
/// they lay on what is in force themselves, as soon as something comes.
/// </summary>
internal sealed partial class RelayConfiguration : BackgroundService, IConfiguration
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    // A push comes as several messages to each of many Envoys: they are looked at together. The judgement thinks in
    // seconds, and a look reads all clusters and routes anew, which must not hold up what is being relayed: it rests
    // for many times as long as it took.
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(100);
    private const int RestFactor = 20;

    // After a start Envoys come back one by one, and each gets its clusters before its routes: a route with a change of
    // ours that nobody has is missing for so long before it counts as deleted.
    private static readonly TimeSpan MissingMax = TimeSpan.FromSeconds(30);

    private readonly SnapshotValidator _validator =
        new(new SnapshotValidatorOptions { CheckReferences = false });

    private readonly OverlayBook _book;
    private readonly RelayHub _hub;
    private readonly StreamHub _runtimeHub;
    private readonly ServedBoard _board;
    private readonly ProxyRegistry _registry;
    private readonly ControlInbox _inbox;
    private readonly UpstreamOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<RelayConfiguration> _logger;
    private readonly ITimer _lookTimer;

    private ImmutableArray<(string Node, ValidatedSnapshot Given)> _given = [];
    private GroupUnion? _union;
    private GatewayTopology? _topology;
    private long? _missingSince;
    private volatile ServedConfiguration? _served;
    private volatile string _problem = "";
    private int _isLookDue;

    public RelayConfiguration(
        UpstreamOptions options,
        RelayHub hub,
        StreamHub runtimeHub,
        ServedBoard board,
        ProxyRegistry registry,
        ControlInbox inbox,
        Restored restored,
        TimeProvider time,
        ILogger<RelayConfiguration> logger)
    {
        ArgumentNullException.ThrowIfNull(restored);
        _options = options;
        _hub = hub;
        _runtimeHub = runtimeHub;
        _board = board;
        _registry = registry;
        _inbox = inbox;
        _time = time;
        _logger = logger;
        _book = new OverlayBook(
            restored.Loop.OverlaysInForce, new SnapshotBuilder(_validator), time, logger, BasesOf(restored.Records));
        Commands = new OverlayCommands(_book, Refresh, OnDone, prepare: Look);
        // If there is no place in line, the next tick looks.
        _lookTimer = time.CreateTimer(
            _ => Commands.TryPost(Look), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public ServedConfiguration? Served => _served;

    /// <summary>Envoys may come at any time: whether the upstream answers them is told beside it.</summary>
    public bool IsReady => true;

    /// <inheritdoc/>
    public ImmutableArray<string> Problems
    {
        get
        {
            var problems = ImmutableArray.CreateBuilder<string>();
            if (_problem.Length > 0)
                problems.Add(_problem);
            var alone = _hub.Streams.Where(static stream => stream.Problem.Length > 0).ToList();
            if (alone.Count > 0)
            {
                problems.Add($"{alone.Count} of {_hub.Count} Envoys have no upstream and keep what they have, such as "
                    + $"{alone[0].Node?.Id}: {alone[0].Problem}");
            }

            return problems.ToImmutable();
        }
    }

    /// <inheritdoc/>
    public string? Failure => ExecuteTask?.Exception?.GetBaseException().Message;

    /// <inheritdoc/>
    public IReadOnlyList<OverlayEntry> Overlays => _book.Entries;

    /// <inheritdoc/>
    public OverlayCommands Commands { get; }

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the listeners open: the first response carries what the ledger says is in force.
        Publish();
        _hub.OnGiven = LookSoon;
        _hub.OnRejected = (node, rejection) => Commands.TryPost(() => TakeBack(node, rejection));
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _lookTimer.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Commands.RunAsync(
        LookInterval,
        () =>
        {
            Commands.Run(Commands.Expire);
            Commands.Run(Look);
            _hub.WakeAll(); // Sessions have timeouts of their own.
            _runtimeHub.WakeAll();
        },
        _time,
        stoppingToken);

    private static Dictionary<string, string> BasesOf(IEnumerable<LedgerRecord> records) => records
        .Where(static record => record.Type == RecordType.Decision)
        .Select(static record => record.Execution)
        .OfType<ExecutionBlock>()
        .GroupBy(static execution => execution.Overlay.Id, StringComparer.Ordinal)
        .ToDictionary(
            static group => group.Key,
            static group => OverlayBasis.OfSplit(group.Last().Before.Select(static v => (v.Cluster, v.Weight))),
            StringComparer.Ordinal);

    private void LookSoon()
    {
        // One that waits in line sees this change too.
        if (Interlocked.Exchange(ref _isLookDue, 1) == 0)
            _lookTimer.Change(Together + _rest, Timeout.InfiniteTimeSpan);
    }

    private void OnDone(Exception? error)
    {
        _problem = error is null ? "" : $"the overlays could not be looked after: {error.Message}";
        if (error is not null)
            LogFailed(_logger, error);
    }

    /// <summary>A proxy rejected what overlays made, and its stream is without them already.</summary>
    private void TakeBack(string node, OverlayRejection rejection)
    {
        _given = [];
        Look(); // The judgement must know what was served before it hears what became of it.
        foreach (var id in rejection.Overlays)
        {
            if (_book.Find(id)?.Overlay.Owner != LoopOverlay.Owner)
                _book.TryReject(rejection.TypeUrl, rejection.Name, node, rejection.Message);
            else if (!_registry.IsProven(id))
            {
                _inbox.Post(new ControlEvent.OverlayRejected(
                    new RouteRejection(id, node, rejection.TypeUrl, rejection.Message)));
            }
        }

        Refresh();
    }
}
