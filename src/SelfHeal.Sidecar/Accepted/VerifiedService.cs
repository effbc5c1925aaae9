using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Sidecar.Accepted;

/// <summary>
/// Looks at what each group is served and how its proxies fare, and lets <see cref="VerifiedRules"/> say when that is a
/// last-known-good. It asks and keeps; it decides nothing.
/// </summary>
internal sealed partial class VerifiedService : BackgroundService
{
    // A soak takes minutes: looking more often tells nothing more.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // What still works is written down again so that its age is right after a restart; an hour of seven days is little.
    private static readonly TimeSpan Refresh = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, Track> _tracks = new(StringComparer.Ordinal);
    private readonly VerifiedOptions _options;
    private readonly ConfigurationService _configuration;
    private readonly ControlQueries _queries;
    private readonly AcceptedKeeper _keeper;
    private readonly ControlClock _clock;
    private readonly TimeProvider _time;
    private readonly ILogger<VerifiedService> _logger;
    private long _counted = -1;

    public VerifiedService(
        VerifiedOptions options,
        ConfigurationService configuration,
        ControlQueries queries,
        AcceptedKeeper keeper,
        ControlClock clock,
        TimeProvider time,
        ILogger<VerifiedService> logger)
    {
        _options = options;
        _configuration = configuration;
        _queries = queries;
        _keeper = keeper;
        _clock = clock;
        _time = time;
        _logger = logger;
    }

    /// <summary>
    /// The last-known-good of a group, the target of a rollback; null if there is none to be trusted.
    /// </summary>
    /// <param name="group">The group.</param>
    public VerifiedSnapshot? Verified(string group)
    {
        if (!_tracks.TryGetValue(group, out var track) && !_configuration.Kept.Verified.ContainsKey(group))
            return null;
        track ??= _tracks.GetOrAdd(group, Begin); // Asked for before the first look.
        lock (track)
            return track.Rules.Verified(_clock.Now);
    }

    /// <summary>How far what a group is served has come.</summary>
    /// <param name="group">The group.</param>
    public VerifiedPhase PhaseOf(string group) =>
        _tracks.TryGetValue(group, out var track) ? track.Rules.Phase : VerifiedPhase.Unproven;

    /// <summary>Takes one look at every group.</summary>
    /// <param name="cancellationToken">The process stops.</param>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var groups = _configuration.Groups;
        var clusters = groups
            .SelectMany(static group => group.Slot.Snapshot?.Get(TypeUrl.Cluster).Resources ?? [])
            .Select(static cluster => cluster.Name)
            .ToHashSet(StringComparer.Ordinal);
        var after = _counted;
        var traffic = await _queries.AskAsync(
            (loop, _) =>
            {
                var requests = new Dictionary<string, long>(StringComparer.Ordinal);
                var newest = after;
                foreach (var cluster in clusters)
                    (requests[cluster], newest) = loop.CountRequests([cluster], after);
                return new Traffic(requests, newest, loop.Telemetry.ProcessRestarts);
            },
            cancellationToken);
        _counted = traffic?.Newest ?? _counted;
        foreach (var group in groups)
            Look(group, traffic);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await LookAsync(stoppingToken);
    }

    private void Look(GroupView group, Traffic? traffic)
    {
        var track = _tracks.GetOrAdd(group.Name, Begin);
        var served = group.Slot.Snapshot;
        if (traffic is not null && served is not null)
        {
            track.Requests += served.Get(TypeUrl.Cluster).Resources
                .Sum(cluster => traffic.Requests.GetValueOrDefault(cluster.Name));
        }

        lock (track)
        {
            var now = _clock.Now;
            var seen = new VerifiedEvidence
            {
                Served = group.IsFromDisk ? null : served, // What is only remembered is not looked at.
                Streams = group.Slot.Count,
                IsAcknowledged = group.Slot.IsAcknowledged,
                IsRejected = group.IsContained,
                Requests = traffic is null ? null : track.Requests,
                Restarts = traffic?.Restarts,
            };
            var before = track.Rules.Verified(now);
            if (!track.Rules.Look(now, seen) || track.Rules.Verified(now) is not { } verified)
                return;
            var isAnother = before?.Since != verified.Since;
            if (isAnother)
                LogVerified(_logger, group.Name, SnapshotVersion.Of(verified.Snapshot));
            if (!isAnother && _time.GetElapsedTime(track.KeptAt) < Refresh)
                return;
            track.KeptAt = _time.GetTimestamp();
            _keeper.KeepVerified(
                group.Slot.Accepted.Describe(verified.Snapshot, verified.ConfirmedAt, verified.Since));
        }
    }

    private Track Begin(string group)
    {
        var track = new Track(new VerifiedRules(_options)) { KeptAt = _time.GetTimestamp() };
        if (_configuration.Kept.Verified.GetValueOrDefault(group)?.State is { } state)
        {
            var snapshot = AcceptedGroup.Close(
                state.Types.Values.SelectMany(static type => type).Select(static each => each.Resource)
                    .OfType<XdsResource>(),
                state);
            track.Rules.Restore(new VerifiedSnapshot(snapshot, state.Since, state.At), _clock.Now);
        }

        return track;
    }

    [LoggerMessage(EventId = 2311, Level = LogLevel.Information,
        Message = "Group {Group}: {Version} is the last-known-good from now on")]
    private static partial void LogVerified(ILogger logger, string group, string version);

    private sealed record Traffic(IReadOnlyDictionary<string, long> Requests, long Newest, long Restarts);

    private sealed class Track(VerifiedRules rules)
    {
        public VerifiedRules Rules { get; } = rules;

        public long Requests { get; set; }

        public long KeptAt { get; set; }
    }
}
