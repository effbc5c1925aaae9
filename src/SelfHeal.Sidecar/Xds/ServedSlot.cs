using System.Collections.Concurrent;
using SelfHeal.Sidecar.Accepted;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// What the nodes of one group are served: one reference, replaced whole, which each of their streams takes in its own
/// time.
/// </summary>
/// <param name="group">The group's name.</param>
internal sealed class ServedSlot(string group)
{
    private readonly ConcurrentDictionary<long, AdsStream> _streams = new();
    private volatile ValidatedSnapshot? _snapshot;

    /// <summary>The group's name.</summary>
    public string Group { get; } = group;

    /// <summary>What is served now; null until there is anything, and until then nothing is answered.</summary>
    public ValidatedSnapshot? Snapshot => _snapshot;

    /// <summary>What the nodes of the group accept.</summary>
    public AcceptedGroup Accepted { get; } = new(group);

    /// <summary>How many streams are served from here.</summary>
    public int Count => _streams.Count;

    /// <summary>Whether every stream has acknowledged all of what is served, as far as it asks for it.</summary>
    public bool IsAcknowledged => _snapshot is { } served && _streams.Values.All(stream => stream.IsSettledOn(served));

    /// <summary>Serves another snapshot from now on.</summary>
    public void Publish(ValidatedSnapshot snapshot)
    {
        _snapshot = snapshot;
        foreach (var stream in _streams.Values)
            stream.Wake();
    }

    public void Add(AdsStream stream) => _streams.TryAdd(stream.Id, stream);

    public void Remove(AdsStream stream) => _streams.TryRemove(stream.Id, out _);
}
