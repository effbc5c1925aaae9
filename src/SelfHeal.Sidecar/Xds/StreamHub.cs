using System.Collections.Concurrent;
using System.Collections.Immutable;
using Envoy.Config.Core.V3;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Groups;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// Knows every open xDS stream and wakes them when there is something new to serve. Streams take the snapshot of their
/// group themselves, each in its own time, so a slow one delays nobody.
/// </summary>
/// <param name="groups">Which node is served what.</param>
/// <param name="time">The clock of admission and, unless it is null, of windows in which changes are put together.
/// </param>
internal sealed class StreamHub(NodeGroups groups, TimeProvider? time) : IDisposable
{
    // Slots of nodes that have a place of their own; as many as streams can be open by the highest limit. Beyond it a
    // new node gets nothing until the streams of another one have ended.
    private const int SlotLimit = 100_000;

    private readonly ConcurrentDictionary<long, AdsStream> _streams = new();
    private readonly ConcurrentDictionary<string, ServedSlot> _slots = new(StringComparer.Ordinal);
    private readonly Lock _joining = new();
    private long _lastId;

    /// <summary>A hub without groups but the default one that serves every change at once.</summary>
    public StreamHub()
        : this(new NodeGroups([], ""))
    {
    }

    /// <summary>A hub that serves every change at once.</summary>
    /// <param name="groups">Which node is served what.</param>
    public StreamHub(NodeGroups groups)
        : this(groups, time: null)
    {
    }

    /// <summary>What nodes without a group of their own are served.</summary>
    public ServedSlot Default { get; } = new(NodeGroups.Default, time);

    /// <summary>Who may be sent a first response.</summary>
    public SyncAdmission Admission { get; } = new(
        time ?? TimeProvider.System, new SeededRandomSource((ulong)(time ?? TimeProvider.System).GetTimestamp()));

    /// <summary>What the default group is served now; null until the first configuration was accepted.</summary>
    public ValidatedSnapshot? Snapshot => Default.Snapshot;

    /// <summary>How many streams are open.</summary>
    public int Count => _streams.Count;

    /// <summary>Told once for each place that a node asked for and that has not been there before.</summary>
    public Action<GroupAssignment>? OnWanted { get; set; }

    /// <summary>Every slot, the default one first and then by name.</summary>
    public ImmutableArray<ServedSlot> Slots =>
    [
        Default, .. _slots.Values.OrderBy(static slot => slot.Group, StringComparer.Ordinal),
    ];

    /// <summary>A number for a new stream; never used before in this process.</summary>
    public long NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>Serves a stream from the place of its node's group.</summary>
    /// <param name="node">As it introduced itself.</param>
    /// <param name="stream">Woken whenever there is something new.</param>
    /// <returns>Null if the node gets nothing, with the reason.</returns>
    public (ServedSlot? Slot, string Problem) Join(Node node, AdsStream stream) =>
        Find(node, slot => slot.Add(stream));

    /// <summary>Where a node's snapshot is.</summary>
    /// <param name="node">As it introduced itself.</param>
    /// <returns>Null if the node gets nothing, with the reason.</returns>
    public (ServedSlot? Slot, string Problem) For(Node node) => Find(node, static _ => { });

    /// <summary>The slot of a group.</summary>
    /// <param name="group">Its name.</param>
    public ServedSlot Slot(string group) => group == NodeGroups.Default
        ? Default
        : _slots.GetOrAdd(group, static (name, clock) => new ServedSlot(name, clock), time);

    /// <summary>Forgets the slot of a group, unless streams are served from it.</summary>
    /// <param name="group">Its name.</param>
    /// <returns>Whether it is gone.</returns>
    public bool TryForget(string group)
    {
        // Not while a stream is on its way in.
        lock (_joining)
        {
            if (!_slots.TryGetValue(group, out var slot) || slot.Count > 0)
                return false;
            _slots.TryRemove(group, out _);
            slot.Dispose();
            return true;
        }
    }

    /// <summary>Serves the default group another snapshot, now or at the end of a window.</summary>
    /// <param name="snapshot">The next snapshot.</param>
    public void Publish(ValidatedSnapshot snapshot) => Default.Publish(snapshot);

    /// <inheritdoc/>
    public void Dispose()
    {
        Admission.Dispose();
        foreach (var slot in Slots)
            slot.Dispose();
    }

    /// <summary>Lets every stream look at its snapshot and its timers.</summary>
    public void WakeAll()
    {
        foreach (var stream in _streams.Values)
            stream.Wake();
    }

    public void Add(AdsStream stream) => _streams.TryAdd(stream.Id, stream);

    public void Remove(AdsStream stream) => _streams.TryRemove(stream.Id, out _);

    private (ServedSlot? Slot, string Problem) Find(Node node, Action<ServedSlot> use)
    {
        var assignment = groups.Assign(node);
        if (!assignment.IsServed)
            return (null, assignment.Problem);
        var isNew = false;
        ServedSlot? slot;
        lock (_joining)
        {
            if (assignment.Group == NodeGroups.Default)
                slot = Default;
            else if (!_slots.TryGetValue(assignment.Group, out slot))
            {
                if (_slots.Count >= SlotLimit)
                    return (null, $"{SlotLimit} groups are being served, the limit");
                slot = new ServedSlot(assignment.Group, time) { Assignment = assignment };
                isNew = _slots.TryAdd(assignment.Group, slot);
            }

            use(slot);
        }

        if (isNew)
            OnWanted?.Invoke(assignment);
        return (slot, "");
    }
}
