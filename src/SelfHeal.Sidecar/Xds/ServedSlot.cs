using System.Collections.Concurrent;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// What the nodes of one group are served: one reference, replaced whole, which each of their streams takes in its own
/// time.
/// </summary>
internal sealed class ServedSlot : IDisposable
{
    private readonly ConcurrentDictionary<long, AdsStream> _streams = new();
    private readonly PublishWindow? _window;
    private volatile ValidatedSnapshot? _snapshot;
    private volatile ValidatedSnapshot? _lastAccepted;

    /// <param name="group">The group's name.</param>
    /// <param name="time">The clock of windows in which changes are put together; null: each is served at once.</param>
    public ServedSlot(string group, TimeProvider? time)
    {
        Group = group;
        _window = time is null ? null : new PublishWindow(time, Serve);
    }

    /// <summary>The group's name.</summary>
    public string Group { get; }

    /// <summary>What is served now; null until there is anything, and until then nothing is answered.</summary>
    public ValidatedSnapshot? Snapshot => _snapshot;

    /// <summary>
    /// What nodes of the group accepted last; null until they did. It is what a node falls back to that rejects what it
    /// has been sent before it accepted anything on its own stream.
    /// </summary>
    public ValidatedSnapshot? LastAccepted
    {
        get => _lastAccepted;
        set => _lastAccepted = value;
    }

    /// <summary>How many streams are served from here.</summary>
    public int Count => _streams.Count;

    /// <summary>Serves another snapshot, now or at the end of a window.</summary>
    public void Publish(ValidatedSnapshot snapshot)
    {
        if (_window is null)
            Serve(snapshot);
        else
            _window.Post(snapshot);
    }

    public void Add(AdsStream stream) => _streams.TryAdd(stream.Id, stream);

    public void Remove(AdsStream stream) => _streams.TryRemove(stream.Id, out _);

    /// <inheritdoc/>
    public void Dispose() => _window?.Dispose();

    private void Serve(ValidatedSnapshot snapshot)
    {
        _snapshot = snapshot;
        foreach (var stream in _streams)
            stream.Value.Wake();
    }
}
