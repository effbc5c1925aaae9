using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Control;
using SelfHeal.Core.Remediation;
using SelfHeal.Core.Topology;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Overlays;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// Owns what is served: the directory's resources with our overlays on them. One loop does everything in turn; a bad
/// file keeps the running configuration.
/// </summary>
internal sealed partial class ConfigurationService : BackgroundService
{
    // The kernel tells of most changes at once. The directory is looked at twice a second besides: a file system that
    // sends no notifications (NFS, a mount that comes late) is served like any other, within a second.
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    // Overlays come one at a time per service and are awaited by nobody; this bound is never near.
    private const int CommandLimit = 1024;

    private readonly string _path;
    private readonly ResourceDirectory _directory;
    private readonly SnapshotValidator _validator = new();
    private readonly OverlayBook _overlays;
    private readonly Channel<Action> _commands = Channel.CreateBounded<Action>(CommandLimit);
    private readonly StreamHub _hub;
    private readonly ProxyRegistry _registry;
    private readonly ControlInbox _inbox;
    private readonly TimeProvider _time;
    private readonly ILogger<ConfigurationService> _logger;
    private ValidatedSnapshot? _intended;
    private string _fingerprint = "";
    private volatile ServedConfiguration? _served;

    public ConfigurationService(
        SelfHealOptions options,
        StreamHub hub,
        ProxyRegistry registry,
        ControlInbox inbox,
        Restored restored,
        TimeProvider time,
        ILogger<ConfigurationService> logger)
    {
        _path = options.Xds.Resources;
        _directory = new ResourceDirectory(_path, options.Xds.DescriptorSets);
        _hub = hub;
        _registry = registry;
        _inbox = inbox;
        _time = time;
        _logger = logger;
        _overlays = new OverlayBook(
            restored.Loop.OverlaysInForce, new SnapshotBuilder(_validator), time, logger);
    }

    /// <summary>What is served now; null until the directory was accepted for the first time.</summary>
    public ServedConfiguration? Served => _served;

    /// <summary>What keeps the newest files from being served; empty when nothing does.</summary>
    public ImmutableArray<string> Problems { get; private set; } = [];

    /// <summary>Every overlay of the process; only its list may be read from outside of the loop.</summary>
    public OverlayBook Overlays => _overlays;

    /// <summary>Lays an overlay on and pushes.</summary>
    /// <param name="overlay">The change.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in line.</param>
    public ValueTask ApplyAsync(WeightOverlay overlay, CancellationToken cancellationToken) =>
        _commands.Writer.WriteAsync(() => Change(book => book.Put(overlay)), cancellationToken);

    /// <summary>Takes an overlay away and pushes.</summary>
    /// <param name="overlayId">The overlay; one that is not there is no error.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in line.</param>
    public ValueTask WithdrawAsync(string overlayId, CancellationToken cancellationToken) => _commands.Writer.WriteAsync(
        () => Change(book => book.TryRemove(overlayId, LoopOverlay.Owner, "the control loop withdrew it")),
        cancellationToken);

    /// <summary>Changes the overlays in turn with everything else, pushes, and answers when that is done.</summary>
    /// <param name="change">What to do with them.</param>
    /// <param name="answer">What to say of it, once it is served.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
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
                    answered.TrySetResult(answer(_overlays, Change(change)));
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
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookInterval, _time);
        using var watch = new ResourceWatch(_path, () => _commands.Writer.TryWrite(Look), _time);
        Look();
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        var command = _commands.Reader.WaitToReadAsync(stoppingToken).AsTask();
        while (true)
        {
            if (await Task.WhenAny(tick, command) == tick)
            {
                if (!await tick)
                    return;
                Look();
                Run(() => Change(static book => book.Expire()));
                _hub.WakeAll(); // Sessions have timeouts of their own.
                tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
                continue;
            }

            await command;
            while (_commands.Reader.TryRead(out var action))
                Run(action);
            command = _commands.Reader.WaitToReadAsync(stoppingToken).AsTask();
        }
    }

    private void Run(Action command)
    {
        try
        {
            command();
        }
        catch (Exception error)
        {
            Problems = [$"an overlay could not be laid or withdrawn: {error.Message}"];
            LogCommandFailed(_logger, error);
        }
    }

    private void Look()
    {
        try
        {
            var fingerprint = _directory.Fingerprint();
            if (fingerprint == _fingerprint)
                return;
            var reading = _directory.Read();
            if (reading.Fingerprint is null)
                return; // In the middle of a change; the next look finds it done.
            _fingerprint = reading.Fingerprint;
            Take(reading);
        }
        catch (Exception error)
        {
            // A file that is being replaced may vanish under us: the next look sees the new one. Whatever else goes
            // wrong in here is a defect of ours, and must end neither hot reload nor the withdrawal of overlays.
            var problem = $"the resources cannot be read: {error.Message}";
            if (!Problems.Contains(problem, StringComparer.Ordinal))
                LogUnreadable(_logger, error); // Once, not at every look while a mount is away.
            Problems = [problem];

            // Files that come back as they were are read again, so that the problem goes.
            if (error is IOException or UnauthorizedAccessException)
                _fingerprint = "";
        }
    }

    private void Take(ResourceReading reading)
    {
        if (reading.Snapshot is not { } intended)
        {
            Problems = [.. reading.Errors.Select(static e => e.ToString())];
            foreach (var error in reading.Errors)
                LogRefused(_logger, error.ToString());
            LogKept(_logger, reading.Errors.Length, _served is null ? "nothing" : "the running configuration");
            return;
        }

        // Overlays are checked by the rules by which the source was.
        _validator.UseTypes(reading.Types);
        var isFirst = _intended is null;
        var topology = TopologyReader.Read(intended);
        _intended = intended;
        Problems = [];

        // The judgement hears of the source's change before it hears what that did to overlays.
        _inbox.Post(new ControlEvent.TopologyChanged(topology));
        Serve(topology);
        LogServed(_logger, isFirst ? "serving" : "reloaded", reading.Files, topology.Clusters.Length);
        foreach (var warning in reading.Warnings)
            LogWarned(_logger, warning.ToString());
    }

    private void Change(Action<OverlayBook> change) => Change(book =>
    {
        change(book);
        return true;
    });

    private T Change<T>(Func<OverlayBook, T> change)
    {
        var before = _overlays.Version;
        var result = change(_overlays);
        if (_overlays.Version != before && _served is { } served)
            Serve(served.Topology);
        return result;
    }

    private void Serve(GatewayTopology topology)
    {
        var intended = _intended!; // Every caller has checked.
        var build = _overlays.LayOn([intended])[0];
        var byRoute = build.Laid.Where(static o => o.Carrier == OverlayCarrier.Rds)
            .GroupBy(static o => o.Resource, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(
                static g => g.Key,
                static g => g.Select(static o => o.Id).ToImmutableArray(),
                StringComparer.Ordinal);
        var next = new ServedConfiguration(build.Snapshot, intended, topology, byRoute);
        _served = next;

        // Before any proxy can have it: an answer must find what it answers.
        _registry.OnServed(next);
        _hub.Publish(next.Snapshot);
        foreach (var (overlay, _, problem) in _overlays.Entries.Where(static e => e.State == OverlayState.Refused))
        {
            if (overlay.Owner != LoopOverlay.Owner)
                continue;
            LogOverlayRefused(_logger, overlay.Id, problem);
            _inbox.Post(new ControlEvent.OverlayRefused(overlay.Id, problem));
        }
    }
}
