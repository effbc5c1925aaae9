using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Control;
using SelfHeal.Core.Remediation;
using SelfHeal.Core.Topology;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// Owns what is served: the directory's resources with our overlays on them. One loop does everything in turn; a bad
/// file keeps the running configuration.
/// </summary>
internal sealed partial class ConfigurationService : BackgroundService
{
    // The directory is looked at twice a second: a change is live within a second, and a file system that sends no
    // notifications (a mounted ConfigMap, NFS) is served like any other.
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    // Overlays come one at a time per service and are awaited by nobody; this bound is never near.
    private const int CommandLimit = 1024;

    private readonly ResourceDirectory _directory;
    private readonly SortedDictionary<string, WeightOverlay> _overlays = new(StringComparer.Ordinal);
    private readonly Channel<Action> _commands = Channel.CreateBounded<Action>(CommandLimit);
    private readonly StreamHub _hub;
    private readonly ProxyRegistry _registry;
    private readonly ControlInbox _inbox;
    private readonly TimeProvider _time;
    private readonly ILogger<ConfigurationService> _logger;
    private SnapshotBuilder _builder = new(new SnapshotValidator());
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
        _directory = new ResourceDirectory(options.Xds.Resources, options.Xds.DescriptorSets);
        _hub = hub;
        _registry = registry;
        _inbox = inbox;
        _time = time;
        _logger = logger;
        foreach (var overlay in restored.Loop.OverlaysInForce)
            _overlays.Add(overlay.Id, overlay);
    }

    /// <summary>What is served now; null until the directory was accepted for the first time.</summary>
    public ServedConfiguration? Served => _served;

    /// <summary>What keeps the newest files from being served; empty when nothing does.</summary>
    public ImmutableArray<string> Problems { get; private set; } = [];

    /// <summary>Lays an overlay on and pushes.</summary>
    /// <param name="overlay">The change.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in line.</param>
    public ValueTask ApplyAsync(WeightOverlay overlay, CancellationToken cancellationToken) =>
        _commands.Writer.WriteAsync(() => Lay(overlay), cancellationToken);

    /// <summary>Takes an overlay away and pushes.</summary>
    /// <param name="overlayId">The overlay; one that is not there is no error.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in line.</param>
    public ValueTask WithdrawAsync(string overlayId, CancellationToken cancellationToken) =>
        _commands.Writer.WriteAsync(() => Withdraw(overlayId), cancellationToken);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookInterval, _time);
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
        _builder = new SnapshotBuilder(new SnapshotValidator(new SnapshotValidatorOptions { Types = reading.Types }));
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

    private void Lay(WeightOverlay overlay)
    {
        _overlays[overlay.Id] = overlay;
        if (_served is { } served)
            Serve(served.Topology);
    }

    private void Withdraw(string overlayId)
    {
        if (_overlays.Remove(overlayId) && _served is { } served)
            Serve(served.Topology);
    }

    private void Serve(GatewayTopology topology)
    {
        var intended = _intended!; // Every caller has checked.
        var (snapshot, laid, refused) = Build(intended);
        var byRoute = laid.GroupBy(static o => o.RouteConfiguration, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(
                static g => g.Key,
                static g => g.Select(static o => o.Id).ToImmutableArray(),
                StringComparer.Ordinal);
        var next = new ServedConfiguration(snapshot, intended, topology, byRoute);
        _served = next;

        // Before any proxy can have it: an answer must find what it answers.
        _registry.OnServed(next);
        _hub.Publish(next.Snapshot);
        foreach (var (id, reason) in refused)
        {
            LogOverlayRefused(_logger, id, reason);
            _inbox.Post(new ControlEvent.OverlayRefused(id, reason));
        }
    }

    /// <summary>Lays every overlay that fits; one that does not is left out, and the others stay.</summary>
    private (ValidatedSnapshot Snapshot, List<WeightOverlay> Laid, List<(string Id, string Reason)> Refused) Build(
        ValidatedSnapshot intended)
    {
        var laid = new List<WeightOverlay>();
        var refused = new List<(string, string)>();
        var snapshot = intended;
        foreach (var overlay in _overlays.Values)
        {
            var (next, reason) = TryBuild(intended, [.. laid, overlay]);
            if (next is null)
            {
                refused.Add((overlay.Id, reason));
                continue;
            }

            snapshot = next;
            laid.Add(overlay);
        }

        return (snapshot, laid, refused);
    }

    private (ValidatedSnapshot? Snapshot, string Reason) TryBuild(
        ValidatedSnapshot intended, List<WeightOverlay> overlays)
    {
        try
        {
            var build = _builder.Build(intended, overlays);
            var reasons = build.OverlayErrors.Select(static e => e.Message)
                .Concat(build.Errors.Select(static e => e.ToString()));
            return (build.OverlayErrors.IsEmpty ? build.Snapshot : null, string.Join("; ", reasons));
        }
        catch (Exception error)
        {
            // A defect of ours in one overlay. It must end neither hot reload nor the other overlays, and the judgement
            // must hear of it: what it believes to be pushed is not.
            return (null, $"it cannot be laid: {error.Message}");
        }
    }
}
