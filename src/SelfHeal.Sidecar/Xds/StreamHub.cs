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
    }

    /// <summary>Lets every stream look at its snapshot and its timers.</summary>
    public void WakeAll()
    {
        foreach (var stream in _streams.Values)
            stream.Wake();
    }

    public void Add(AdsStream stream) => _streams.TryAdd(stream.Id, stream);

    public void Remove(AdsStream stream) => _streams.TryRemove(stream.Id, out _);
}
