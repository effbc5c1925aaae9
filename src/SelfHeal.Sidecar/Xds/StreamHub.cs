using System.Collections.Concurrent;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// Knows every open xDS stream and wakes them when there is something new to serve. Streams take the snapshot
/// themselves, each in its own time, so a slow one delays nobody.
/// </summary>
internal sealed class StreamHub
{
    private readonly ConcurrentDictionary<long, AdsStream> _streams = new();
    private readonly ConcurrentDictionary<Action, bool> _watchers = new();
    private readonly SnapshotCache _cache = new();
    private long _lastId;

    /// <summary>What is served now; null until the first configuration was accepted.</summary>
    public ValidatedSnapshot? Snapshot => _cache.Current;

    /// <summary>How many streams are open.</summary>
    public int Count => _streams.Count;

    /// <summary>A number for a new stream; never used before in this process.</summary>
    public long NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>Serves another snapshot from now on.</summary>
    /// <param name="snapshot">The next snapshot.</param>
    public void Publish(ValidatedSnapshot snapshot)
    {
        _cache.Replace(snapshot);
        WakeAll();
        foreach (var wake in _watchers.Keys)
            wake();
    }

    /// <summary>Lets every stream look at its snapshot and its timers.</summary>
    public void WakeAll()
    {
        foreach (var stream in _streams.Values)
            stream.Wake();
    }

    public void Add(AdsStream stream) => _streams.TryAdd(stream.Id, stream);

    public void Remove(AdsStream stream) => _streams.TryRemove(stream.Id, out _);

    /// <summary>Tells whenever something else is served, until <see cref="Unwatch"/>.</summary>
    /// <param name="wake">Only notes it: it runs on the publisher's thread.</param>
    public void Watch(Action wake) => _watchers.TryAdd(wake, true);

    /// <summary>Tells no more.</summary>
    /// <param name="wake">As it was given to <see cref="Watch"/>.</param>
    public void Unwatch(Action wake) => _watchers.TryRemove(wake, out _);
}
