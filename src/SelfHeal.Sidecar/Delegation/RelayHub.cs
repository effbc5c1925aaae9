using System.Collections.Concurrent;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Delegation;

namespace SelfHeal.Sidecar.Delegation;

/// <summary>
/// Where relayed streams find the overlays that are in force, and where the streams are found. One reference, replaced
/// whole, which each stream takes in its own time.
/// </summary>
/// <param name="others">The streams that are not relayed: all are numbered together.</param>
internal sealed class RelayHub(StreamHub others)
{
    private readonly ConcurrentDictionary<long, IRelayStream> _streams = new();
    private volatile OverlaysInForce _overlays = OverlaysInForce.None;

    /// <summary>What is laid on everything that passes.</summary>
    public OverlaysInForce Overlays => _overlays;

    /// <summary>How many streams are open.</summary>
    public int Count => _streams.Count;

    /// <summary>The open streams, the oldest first.</summary>
    public IEnumerable<IRelayStream> Streams => _streams.Values.OrderBy(static stream => stream.Id);

    /// <summary>Told, on a pump's thread, that an upstream gave something else, or that a stream has gone.</summary>
    public Action? OnGiven { get; set; }

    /// <summary>Told, on a pump's thread, of a rejection of what overlays made.</summary>
    public Action<string, OverlayRejection>? OnRejected { get; set; }

    /// <summary>A number for a new stream; never used before in this process.</summary>
    public long NextId() => others.NextId();

    public void Add(IRelayStream stream) => _streams.TryAdd(stream.Id, stream);

    public void Remove(IRelayStream stream)
    {
        _streams.TryRemove(stream.Id, out _);
        OnGiven?.Invoke();
    }

    /// <summary>Other overlays are in force.</summary>
    /// <param name="overlays">All of them.</param>
    public void Publish(OverlaysInForce overlays)
    {
        _overlays = overlays;
        WakeAll();
    }

    /// <summary>Lets every stream look at the overlays and at its timers.</summary>
    public void WakeAll()
    {
        foreach (var stream in _streams.Values)
            stream.Wake();
    }
}
