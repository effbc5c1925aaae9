using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Accepted;

namespace SelfHeal.Sidecar.Accepted;

/// <summary>
/// Writes down what proxies accept, beside the serving and never in its way: soon after the first change, then not too
/// often, and once more at the end.
/// </summary>
internal sealed class AcceptedKeeper : BackgroundService
{
    // Long enough for all types of one change to be acknowledged, short enough to be there when the machine fails.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Endpoints may change every second, and a file may have some megabytes: a tenth of the writing loses little.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, long> _lastAttempts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, AcceptedState> _verified = new(StringComparer.Ordinal);
    private readonly Channel<byte> _wake = Channel.CreateBounded<byte>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly AcceptedStore _store;
    private readonly StreamHub _hub;
    private readonly TimeProvider _time;
    private Quarantine? _quarantine;

    public AcceptedKeeper(AcceptedStore store, StreamHub hub, TimeProvider time)
    {
        _store = store;
        _hub = hub;
        _time = time;
    }

    /// <summary>Keeps the quarantine; never waits.</summary>
    /// <param name="quarantine">The newest one: an older one that waits is dropped for it.</param>
    public void Keep(Quarantine quarantine)
    {
        Interlocked.Exchange(ref _quarantine, quarantine);
        _wake.Writer.TryWrite(0);
    }

    /// <summary>Keeps a last-known-good; never waits.</summary>
    /// <param name="verified">The newest one of its group: an older one that waits is dropped for it.</param>
    public void KeepVerified(AcceptedState verified)
    {
        _verified[verified.Group] = verified;
        _wake.Writer.TryWrite(0);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        var wake = _wake.Reader.ReadAsync(stoppingToken).AsTask();
        try
        {
            while (true)
            {
                if (await Task.WhenAny(tick, wake) == tick)
                {
                    await tick;
                    tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
                }
                else
                {
                    await wake;
                    wake = _wake.Reader.ReadAsync(stoppingToken).AsTask();
                }

                Write(isLast: false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Write(isLast: true);
        }
    }

    private void Write(bool isLast)
    {
        if (Interlocked.Exchange(ref _quarantine, null) is { } quarantine && _store.TrySave(quarantine) is null)
            Interlocked.CompareExchange(ref _quarantine, quarantine, null);
        foreach (var (group, verified) in _verified)
        {
            if (_store.TrySave(StateKind.Verified, verified) is not null)
                _verified.TryRemove(KeyValuePair.Create(group, verified));
        }

        foreach (var slot in _hub.Slots)
        {
            if (slot.Accepted.IsDirty && (isLast || IsDue(slot.Group)))
                Write(slot.Accepted);
        }
    }

    private bool IsDue(string group)
    {
        if (_lastAttempts.TryGetValue(group, out var last) && _time.GetElapsedTime(last) < Pause)
            return false;
        _lastAttempts[group] = _time.GetTimestamp();
        return true;
    }

    private void Write(AcceptedGroup accepted)
    {
        if (accepted.Take(_time.GetUtcNow()) is not { } state)
            return;
        if (_store.TrySave(StateKind.Accepted, state) is { } generation)
            accepted.Generation = generation;
        else
            accepted.PutBack();
    }
}
