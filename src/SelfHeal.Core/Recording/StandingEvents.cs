using SelfHeal.Core.Control;

namespace SelfHeal.Core.Recording;

/// <summary>
/// Events that hold until something else is said: what a loop that begins in the middle must be told first, stats
/// streams aside. The writer puts them into keys, the reader takes them from there. What the upstream reported is
/// history like stats: a loop that begins in the middle has that window to fill, too.
/// </summary>
internal sealed class StandingEvents
{
    private readonly SortedDictionary<string, ControlEvent> _proxies = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ControlEvent> _drifts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, ControlEvent> _loads = [];
    private readonly SortedDictionary<string, ControlEvent> _routes = new(StringComparer.Ordinal);
    private ControlEvent? _topology;

    /// <summary>How many there are.</summary>
    public int Count =>
        _proxies.Count + _drifts.Count + _loads.Count + _routes.Count + (_topology is null ? 0 : 1);

    /// <summary>Something happened.</summary>
    public void Follow(ControlEvent happened)
    {
        switch (happened)
        {
            case ControlEvent.TopologyChanged:
                _topology = happened;
                break;
            case ControlEvent.RouteHeld held:
                _routes[held.RouteConfiguration] = held;
                break;
            case ControlEvent.ProxyConnected connected:
                _proxies[connected.Node] = connected;
                break;
            case ControlEvent.ProxyDisconnected disconnected:
                _proxies.Remove(disconnected.Node);
                _drifts.Remove(disconnected.Node);
                break;
            case ControlEvent.ProxyDrifted { Resources: > 0 } drifted:
                _drifts[drifted.Node] = drifted;
                break;
            case ControlEvent.ProxyDrifted settled:
                _drifts.Remove(settled.Node);
                break;
            case ControlEvent.LoadStreamOpened opened:
                _loads[opened.Stream] = opened;
                break;
            case ControlEvent.LoadStreamClosed closed:
                _loads.Remove(closed.Stream);
                break;
        }
    }

    /// <summary>Writes all of them.</summary>
    public void Write(RecordingBuffer buffer)
    {
        buffer.Varint((ulong)Count);
        if (_topology is not null)
            EventCodec.Write(buffer, _topology);
        foreach (var happened in _proxies.Values.Concat(_drifts.Values).Concat(_loads.Values).Concat(_routes.Values))
            EventCodec.Write(buffer, happened);
    }

    /// <summary>Forgets what there is and reads what was written.</summary>
    public void Read(ref RecordingCursor cursor)
    {
        _topology = null;
        _proxies.Clear();
        _drifts.Clear();
        _loads.Clear();
        _routes.Clear();
        var count = cursor.Count(RecordingFormat.StreamsMax, "events that hold");
        for (var i = 0; i < count && !cursor.IsBroken; i++)
        {
            if (EventCodec.Read(cursor.Byte(), ref cursor, out _) is { } happened)
                Follow(happened);
        }
    }

    /// <summary>Adds the topology and what is said of proxies.</summary>
    public void AddFirstTo(List<ControlEvent> events)
    {
        if (_topology is not null)
            events.Add(_topology);
        events.AddRange(_proxies.Values);
        events.AddRange(_drifts.Values);
        events.AddRange(_loads.Values);
    }

    /// <summary>Adds what is said of routes.</summary>
    public void AddRoutesTo(List<ControlEvent> events) => events.AddRange(_routes.Values);
}
