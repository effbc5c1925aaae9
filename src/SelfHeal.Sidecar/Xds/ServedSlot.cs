using System.Collections.Concurrent;
using SelfHeal.Sidecar.Accepted;
using SelfHeal.Xds.Groups;
using SelfHeal.Xds.Sessions;
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
    private volatile ValidatedSnapshot? _contained;

    /// <param name="group">The group's name.</param>
    /// <param name="time">The clock of windows in which changes are put together; null: each is served at once.</param>
    public ServedSlot(string group, TimeProvider? time)
    {
        Group = group;
        Accepted = new AcceptedGroup(group);
        _window = time is null ? null : new PublishWindow(time, Serve);
    }

    /// <summary>The group's name.</summary>
    public string Group { get; }

    /// <summary>The place that its nodes asked for; null for groups that are there whichever nodes come.</summary>
    public GroupAssignment? Assignment { get; init; }

    /// <summary>What is served now; null until there is anything, and until then nothing is answered.</summary>
    public ValidatedSnapshot? Snapshot => _snapshot;

    /// <summary>What is meant to be served: something else than <see cref="Snapshot"/> only while a rejected content is
    /// kept from the group.</summary>
    public ValidatedSnapshot? Intended => _contained ?? _snapshot;

    /// <summary>What the nodes of the group accept.</summary>
    public AcceptedGroup Accepted { get; }

    /// <summary>How many streams are served from here.</summary>
    public int Count => _streams.Count;

    /// <summary>Whether every stream has acknowledged all of what is served, as far as it asks for it.</summary>
    public bool IsAcknowledged => _snapshot is { } served && _streams.Values.All(stream => stream.IsSettledOn(served));

    /// <summary>What is meant to be served from now on.</summary>
    /// <param name="target">Null: what is served.</param>
    public void Intend(ValidatedSnapshot? target) => _contained = target;

    /// <summary>Serves another snapshot, now or at the end of a window.</summary>
    /// <param name="snapshot">The next snapshot.</param>
    /// <param name="isUrgent">It waits for no window.</param>
    public void Publish(ValidatedSnapshot snapshot, bool isUrgent = false)
    {
        if (_window is null)
            Serve(snapshot);
        else
            _window.Post(snapshot, isUrgent);
    }

    public void Add(AdsStream stream) => _streams.TryAdd(stream.Id, stream);

    public void Remove(AdsStream stream) => _streams.TryRemove(stream.Id, out _);

    /// <summary>Told of a content that a node of the group certainly rejects.</summary>
    public Action<RejectedContent>? OnRejected { get; set; }

    /// <summary>Something happened on a stream of the group.</summary>
    /// <param name="node">The node.</param>
    /// <param name="happened">What.</param>
    public void Apply(string node, SessionEvent happened)
    {
        switch (happened)
        {
            case SessionEvent.Acknowledged acknowledged:
                Accepted.Acknowledge(acknowledged.TypeUrl, acknowledged.Held.FindHash);
                break;
            case SessionEvent.Resumed resumed:
                Accepted.Acknowledge(resumed.TypeUrl, resumed.Held.FindHash);
                break;
            case SessionEvent.Isolated isolated:
                OnRejected?.Invoke(new RejectedContent(
                    Group, node, isolated.TypeUrl, isolated.Name, isolated.ContentHash, isolated.Message));
                break;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _window?.Dispose();

    private void Serve(ValidatedSnapshot snapshot)
    {
        _snapshot = snapshot;
        foreach (var stream in _streams)
            stream.Value.Wake();
    }
}
