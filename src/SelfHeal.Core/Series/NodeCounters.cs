using SelfHeal.Core.Time;

namespace SelfHeal.Core.Series;

/// <summary>The absolute counters of one Envoy process as last seen; outlives a stream so that a reconnect can go
/// on.</summary>
internal sealed class NodeCounters
{
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private long[] _last = new long[256];
    private bool[] _seen = new bool[256];
    private int[] _scopes = new int[256];
    private Stat[] _stats = new Stat[256];

    /// <summary><c>server.uptime</c> in seconds as last seen; -1 while it never came.</summary>
    public long UptimeSeconds { get; set; } = -1;

    /// <summary>When the flush with that uptime came.</summary>
    public ControlTime UptimeAt { get; set; }

    /// <summary>The order in which counters were parked.</summary>
    public long ParkedOrder { get; set; }

    /// <summary>Whether a stream left these counters behind, so that the next first flush may go on from
    /// them.</summary>
    public bool IsParked { get; set; }

    /// <summary>How many series have a place.</summary>
    public int Count => _places.Count;

    public ref long Last(int place) => ref _last[place];

    public ref bool Seen(int place) => ref _seen[place];

    public int Scope(int place) => _scopes[place];

    public Stat Stat(int place) => _stats[place];

    /// <summary>The place of a series, found or made; <paramref name="scope"/> is -1 where the scope was
    /// refused.</summary>
    public int Place(SeriesEntry entry, int scope)
    {
        if (_places.TryGetValue(entry.FullName, out var place))
            return place;
        place = _places.Count;
        if (place == _last.Length)
        {
            Array.Resize(ref _last, place * 2);
            Array.Resize(ref _seen, place * 2);
            Array.Resize(ref _scopes, place * 2);
            Array.Resize(ref _stats, place * 2);
        }

        _places.Add(entry.FullName, place);
        _scopes[place] = scope;
        _stats[place] = entry.Key.Stat;
        return place;
    }

    /// <summary>Forgets all series and values: what comes next is of another process.</summary>
    public void Restart()
    {
        _places.Clear();
        Array.Clear(_seen);
        UptimeSeconds = -1;
    }
}
