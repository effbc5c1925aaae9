using System.Collections.Immutable;
using System.Threading.Channels;
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

    // Overlays come one at a time per service and are awaited by nobody but their callers.
    private const int CommandLimit = 1024;

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
    private readonly Channel<Action> _commands = Channel.CreateBounded<Action>(
        new BoundedChannelOptions(CommandLimit) { SingleReader = true });

    private ImmutableArray<(string Node, ValidatedSnapshot Given)> _given = [];
    private GroupUnion? _union;
    private GatewayTopology? _topology;
    private long _publishedVersion = -1;
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
    public ValueTask ApplyAsync(WeightOverlay overlay, CancellationToken cancellationToken) =>
        _commands.Writer.WriteAsync(() => Change(book => book.Put(overlay)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask WithdrawAsync(string overlayId, CancellationToken cancellationToken) =>
        _commands.Writer.WriteAsync(
            () => Change(book => book.TryRemove(overlayId, LoopOverlay.Owner, "the control loop withdrew it")),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<TAnswer> ChangeOverlaysAsync<TChange, TAnswer>(
        Func<OverlayBook, TChange> change,
        Func<OverlayBook, TChange, TAnswer> answer,
        CancellationToken cancellationToken)
    {
        var answered = new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _commands.Writer.WriteAsync(
            () =>
            {
                try
                {
                    Look(); // Whoever lays something has seen what streams were given a moment ago.
                    var changed = change(_book);
                    Refresh();
                    answered.TrySetResult(answer(_book, changed));
                }
                catch (Exception error)
                {
                    answered.TrySetException(error);
                    throw; // Run tells it.
                }
            },
            cancellationToken);
        return await answered.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the listeners open: the first response carries what the ledger says is in force.
        Publish();
        _hub.OnGiven = LookSoon;
        _hub.OnRejected = (node, rejection) => _commands.Writer.TryWrite(() => TakeBack(node, rejection));
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookInterval, _time);
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        var command = _commands.Reader.WaitToReadAsync(stoppingToken).AsTask();
        while (true)
        {
            if (await Task.WhenAny(tick, command) == tick)
            {
                if (!await tick)
                    return;
                Run(() => Change(static book => book.Expire()));
                Run(Look);
                _hub.WakeAll(); // Sessions have timeouts of their own.
                _runtimeHub.WakeAll();
                tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
                continue;
            }

            await command;
            while (_commands.Reader.TryRead(out var action))
                Run(action);
            command = _commands.Reader.WaitToReadAsync(stoppingToken).AsTask();
        }
    }

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
            _ = LookAfterAsync();
    }

    private async Task LookAfterAsync()
    {
        await Task.Delay(Together + _rest, _time);
        _commands.Writer.TryWrite(Look); // If there is no place, the next tick looks.
    }

    private void Run(Action command)
    {
        try
        {
            command();
            _problem = "";
        }
        catch (Exception error)
        {
            // A defect of ours. It must end neither the relaying nor the withdrawal of overlays.
            _problem = $"the overlays could not be looked after: {error.Message}";
            LogFailed(_logger, error);
        }
    }

    private void Change(Action<OverlayBook> change)
    {
        change(_book);
        if (_book.Version != _publishedVersion)
            Refresh();
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
