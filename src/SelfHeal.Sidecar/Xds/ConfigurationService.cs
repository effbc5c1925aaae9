using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SelfHeal.Sidecar.Accepted;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Overlays;
using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Groups;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// Owns what is served: each group's resources with our overlays on them, and without what proxies rejected. One loop
/// does everything in turn. A bad file keeps the running configuration of its group; before there is one, what proxies
/// accepted last is served from disk.
/// </summary>
internal sealed partial class ConfigurationService : BackgroundService, IConfiguration
{
    // The kernel tells of most changes at once. The directories are looked at twice a second besides: a file system
    // that sends no notifications (NFS, a mount that comes late) is served like any other, within a second.
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    // More names than this nobody reads in one line.
    private const int NamesShown = 5;

    private readonly SnapshotValidator _validator = new();
    private readonly OverlayBook _overlays;
    private readonly Dictionary<string, GroupConfiguration> _groups = new(StringComparer.Ordinal);
    private readonly List<GroupConfiguration> _ordered = [];
    private readonly List<ResourceWatch> _watches = [];
    private readonly List<(GroupConfiguration Group, ResourceReading Reading, string What)> _servedNow = [];
    private readonly NodeGroups _nodeGroups;
    private readonly DescriptorSets _descriptorSets;
    private readonly StreamHub _hub;
    private readonly ServedBoard _board;
    private readonly ProxyRegistry _registry;
    private readonly ControlInbox _inbox;
    private readonly AcceptedStore _store;
    private readonly AcceptedKeeper _keeper;
    private readonly TimeProvider _time;
    private readonly ILogger<ConfigurationService> _logger;
    private KeptState _kept = KeptState.Empty;
    private GroupUnion? _union;
    private ImmutableArray<string> _problems = [];
    private volatile Quarantine _quarantine = Quarantine.Empty;
    private volatile ServedConfiguration? _served;
    private volatile bool _isWantLost;
    private int _isLookDue;

    public ConfigurationService(
        NodeGroups nodeGroups,
        DescriptorSets descriptorSets,
        StreamHub hub,
        ServedBoard board,
        ProxyRegistry registry,
        ControlInbox inbox,
        Restored restored,
        AcceptedStore store,
        AcceptedKeeper keeper,
        TimeProvider time,
        IMeterFactory meters,
        ILogger<ConfigurationService> logger)
    {
        _nodeGroups = nodeGroups;
        _descriptorSets = descriptorSets;
        _hub = hub;
        _board = board;
        _registry = registry;
        _inbox = inbox;
        _store = store;
        _keeper = keeper;
        _time = time;
        _logger = logger;
        _overlays = new OverlayBook(
            restored.Loop.OverlaysInForce, new SnapshotBuilder(_validator), time, logger);
        Commands = new OverlayCommands(_overlays, () => Refresh(isSourceNew: false), OnDone);
        meters.Create("SelfHeal.Xds").CreateObservableGauge(
            "selfheal.xds.quarantined",
            () => _quarantine.Entries.Length,
            description: "Contents that proxies rejected and that are not served any more");
    }

    /// <inheritdoc/>
    public ServedConfiguration? Served => _served;

    /// <summary>How each group stands; replaced whole.</summary>
    public ImmutableArray<GroupView> Groups { get; private set; } = [];

    /// <summary>The contents that are not served any more.</summary>
    public Quarantine Quarantine => _quarantine;

    /// <summary>What an earlier process has left; read before anything is served.</summary>
    public KeptState Kept => _kept;

    /// <inheritdoc/>
    public bool IsReady => _served is not null;

    /// <inheritdoc/>
    public ImmutableArray<string> Problems => _store.Problem is { Length: > 0 } problem
        ? _problems.Add($"what proxies accept cannot be kept on disk: {problem}")
        : _problems;

    /// <inheritdoc/>
    public string? Failure => ExecuteTask?.Exception?.GetBaseException().Message;

    /// <inheritdoc/>
    public IReadOnlyList<OverlayEntry> Overlays => _overlays.Entries;

    /// <inheritdoc/>
    public OverlayCommands Commands { get; }

    /// <summary>A proxy certainly rejects a content; never waits.</summary>
    /// <param name="rejected">What.</param>
    private void OnRejected(RejectedContent rejected) => Commands.TryPost(() => Isolate(rejected));

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the listeners open: whoever connects first is answered, whether or not there is a source.
        _kept = _store.Load();
        _quarantine = _kept.Quarantine;
        _hub.OnWanted = assignment => _isWantLost |= !Commands.TryPost(() => Want(assignment));
        foreach (var assignment in _nodeGroups.Fixed)
            Add(assignment, isFixed: true);
        Commands.Run(() => Refresh(isSourceNew: true));
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _watches.ForEach(static watch => watch.Dispose());
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Watch();
        Commands.Run(Look);
        await Commands.RunAsync(
            LookInterval,
            () =>
            {
                Commands.Run(Look);
                Commands.Run(Commands.Expire);
                _hub.WakeAll(); // Sessions have timeouts of their own.
            },
            _time,
            stoppingToken);
    }

    private void Watch()
    {
        foreach (var assignment in _nodeGroups.Fixed)
            _watches.Add(new ResourceWatch(assignment.Resources, LookSoon, _time));
    }

    private void LookSoon()
    {
        // One that waits in line sees this change too.
        if (Interlocked.Exchange(ref _isLookDue, 1) == 0)
            Commands.TryPost(Look);
    }

    private void OnDone(Exception? error)
    {
        if (error is null)
        {
            TellProblems();
            return;
        }

        _problems = [$"an overlay could not be laid or withdrawn: {error.Message}"];
        LogCommandFailed(_logger, error);
    }

    private void Look()
    {
        Interlocked.Exchange(ref _isLookDue, 0);
        if (_isWantLost)
        {
            _isWantLost = false;
            foreach (var assignment in _hub.Slots.Select(static slot => slot.Assignment).OfType<GroupAssignment>())
                Want(assignment);
        }

        var looked = _ordered.Where(static group => group.IsFixed || group.Slot.Count > 0).ToList();
        // Every group is looked at, whatever the one before had to say.
        var changed = looked.FindAll(LookAt);
        if (changed.Count == 0)
            return;
        Refresh(isSourceNew: true);
        TellServed();
    }

    /// <summary>Looks at a group's directory.</summary>
    /// <returns>Whether its source declares something else now.</returns>
    private bool LookAt(GroupConfiguration group)
    {
        try
        {
            var fingerprint = group.Directory.Fingerprint();
            if (fingerprint == group.Fingerprint)
                return false;
            var reading = group.Directory.Read();
            if (reading.Fingerprint is null)
                return false; // In the middle of a change; the next look finds it done.
            group.Fingerprint = reading.Fingerprint;
            return Take(group, reading);
        }
        catch (Exception error)
        {
            // A file that is being replaced may vanish under us: the next look sees the new one. Whatever else goes
            // wrong in here is a defect of ours, and must end neither hot reload nor the other groups.
            var problem = $"the resources cannot be read: {error.Message}";
            var isNew = !group.SourceProblems.Contains(problem, StringComparer.Ordinal);
            group.SourceProblems = [problem];
            if (isNew)
            {
                TellProblems();
                LogUnreadable(_logger, Prefix(group), error); // Once, not at every look while a mount is away.
            }

            // Files that come back as they were are read again, so that the problem goes.
            if (error is IOException or UnauthorizedAccessException)
                group.Fingerprint = "";
            return false;
        }
    }

    private bool Take(GroupConfiguration group, ResourceReading reading)
    {
        if (reading.Snapshot is not { } source)
        {
            group.SourceProblems = [.. reading.Errors.Select(static e => e.ToString())];
            TellProblems(); // Whoever reads the log may ask.
            foreach (var error in reading.Errors)
                LogRefused(_logger, Prefix(group), error.ToString());
            var stays = group.FromDisk is not null ? "what proxies accepted last"
                : group.Source is null ? "nothing" : "the running configuration";
            LogKept(_logger, Prefix(group), reading.Errors.Length, stays);
            return false;
        }

        // Overlays and what is contained are checked by the rules by which the source was.
        _validator.UseTypes(reading.Types);
        var isFirst = group.Source is null || group.FromDisk is not null;
        group.Take(source.Reuse(group.Source));
        Forgive(group);
        _servedNow.Add((group, reading, isFirst ? "serving" : "reloaded"));
        return true;
    }

    /// <summary>Once it is true.</summary>
    private void TellServed()
    {
        TellProblems();
        foreach (var (group, reading, what) in _servedNow)
        {
            var clusters = group.Source?.Get(SelfHeal.Xds.Resources.TypeUrl.Cluster).Resources.Length ?? 0;
            LogServed(_logger, Prefix(group), what, reading.Files, clusters);
            foreach (var warning in reading.Warnings)
                LogWarned(_logger, Prefix(group), warning.ToString());
        }

        _servedNow.Clear();
    }

    /// <summary>A node came that has a place of its own.</summary>
    private void Want(GroupAssignment assignment)
    {
        if (_groups.ContainsKey(assignment.Group))
            return;
        Forget();
        var group = Add(assignment, isFixed: false);
        if (!LookAt(group) && group.Source is null)
            return;
        Refresh(isSourceNew: true);
        TellServed();
    }

    private GroupConfiguration Add(GroupAssignment assignment, bool isFixed)
    {
        var group = new GroupConfiguration(
            assignment, _descriptorSets, _hub.Slot(assignment.Group), isFixed);
        group.Slot.OnRejected = OnRejected;
        _groups.Add(group.Name, group);
        _ordered.Add(group);
        if (_kept.Accepted.GetValueOrDefault(group.Name) is not { } kept)
            return group;
        var source = group.Slot.Accepted.Restore(kept);
        var missing = kept.State.Undeliverable.ToList();
        if (missing.Count > 0)
        {
            // Without them the proxies that still hold them would be told to drop them: silence does less harm.
            LogNotFromDisk(_logger, Prefix(group), missing.Count, string.Join(", ", missing.Take(NamesShown)));
            group.SourceProblems = [$"what proxies accepted last cannot be served from disk: {missing.Count} resources "
                + $"hold secrets, which are not kept, such as {missing[0]}"];
        }
        else if (source is not null)
        {
            group.TakeFromDisk(source, kept.State);
            LogFromDisk(_logger, Prefix(group), kept.State.At, kept.State.Count);
        }

        return group;
    }

    /// <summary>
    /// Places of nodes that have nothing and have gone are given up, so that there is room for others.
    /// </summary>
    private void Forget()
    {
        foreach (var group in _ordered.Where(static g => !g.IsFixed && g.Source is null).ToList())
        {
            if (!_hub.TryForget(group.Name))
                continue;
            _groups.Remove(group.Name);
            _ordered.Remove(group);
        }
    }

    private string Prefix(GroupConfiguration group) => _nodeGroups.Groups.IsEmpty ? "" : $"group '{group.Name}': ";

    private void TellProblems()
    {
        Groups = [.. _ordered.Select(static group => new GroupView(
            group.Name,
            group.Slot,
            group.FromDisk is not null,
            group.Served is { IsWhole: true } or { Contained.IsEmpty: false },
            [.. group.Problems]))];
        _problems = [.. Groups.SelectMany((group, index) => group.Problems.Select(
            problem => Prefix(_ordered[index]) + problem))];
    }
}
