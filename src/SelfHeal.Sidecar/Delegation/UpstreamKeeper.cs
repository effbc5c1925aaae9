using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SelfHeal.Sidecar.Accepted;
using SelfHeal.Sidecar.Config;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Sidecar.Delegation;

/// <summary>
/// Keeps what the upstream gave each node, for the day when it is gone: in memory without <c>Secret</c> resources, on
/// disk without anything that may hold a secret. Beside the relaying and never in its way.
/// </summary>
internal sealed partial class UpstreamKeeper : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Endpoints may change every second, and a file may have some megabytes: a tenth of the writing loses little.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, UpstreamContents> _contents = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, UpstreamContents> _unwritten = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _lastWrites = new(StringComparer.Ordinal);
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly AcceptedStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger<UpstreamKeeper> _logger;
    private readonly int _nodesMax;

    public UpstreamKeeper(
        AcceptedStore store, XdsOptions options, TimeProvider time, ILogger<UpstreamKeeper> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _store = store;
        _time = time;
        _logger = logger;
        // As many nodes as may be connected. Those that come beyond it are not kept: names of pods come and go, and
        // neither memory nor disk may fill with them.
        _nodesMax = options.MaxStreams;
    }

    /// <summary>What a node was given last; null if nothing is kept.</summary>
    /// <param name="node">The node.</param>
    public UpstreamContents? Find(string node) =>
        _contents.GetValueOrDefault(node) ?? _store.ReadUpstream(node);

    /// <summary>A node was given something else; never waits.</summary>
    /// <param name="node">The node.</param>
    /// <param name="contents">All that it was given.</param>
    public void Keep(string node, UpstreamContents contents)
    {
        ArgumentNullException.ThrowIfNull(contents);
        if (!_contents.ContainsKey(node) && _contents.Count >= _nodesMax)
            return;
        var kept = new UpstreamContents(contents.Types.Remove(TypeUrl.Secret));
        _contents[node] = kept;
        _unwritten[node] = kept;
    }

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _store.Load(); // Finds the files; what is in those of nodes is read when they come.
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Write(isLast: false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Write(isLast: true);
        }
    }

    private void Write(bool isLast)
    {
        foreach (var (node, contents) in _unwritten)
        {
            if (!isLast && _lastWrites.TryGetValue(node, out var last) && _time.GetElapsedTime(last) < Pause)
                continue;
            _lastWrites[node] = _time.GetTimestamp();
            if (TryWrite(node, contents))
                _unwritten.TryRemove(KeyValuePair.Create(node, contents));
        }
    }

    private bool TryWrite(string node, UpstreamContents contents)
    {
        if (UpstreamCodec.WithoutSecrets(contents, out var withheld) is not { } kept)
        {
            if (_told.Count < _nodesMax && _told.Add(node))
                LogWithheld(_logger, node, withheld);
            _store.ForgetUpstream(node);
            return true;
        }

        // Nodes that were here before have their files; of others there are no more than of those in memory.
        if (_store.UpstreamNodes >= _nodesMax && _store.ReadUpstream(node) is null)
            return true;
        return _store.TrySave(node, _time.GetUtcNow(), kept) is not null;
    }
}
