namespace SelfHeal.Core.Series;

/// <summary>The open block and the ring of closed blocks of one scope: one array, stat by stat, block after
/// block.</summary>
internal sealed class ScopeSeries
{
    private readonly int _capacity;
    private readonly Stat _first;
    private readonly long[] _open;
    private readonly long[] _gauges;
    private long[] _ring = [];
    private bool[] _reported = [];
    private ulong _openGauges;
    private ulong _knownGauges;
    private bool _openReported;

    public ScopeSeries(StatScope scope, string name, int capacity)
    {
        Scope = scope;
        Name = name;
        _capacity = capacity;
        _first = StatCatalog.FirstOf(scope);
        _open = new long[StatCatalog.CountOf(scope)];
        _gauges = new long[_open.Length];
        Invariant.Assert(_open.Length is > 0 and <= 64, "A scope's stats fit one mask of 64 bits");
    }

    public StatScope Scope { get; }

    public string Name { get; }

    /// <summary>Whether a stat proved that the scope exists (see <see cref="StatName.Ambiguous"/>).</summary>
    public bool IsConfirmed { get; set; }

    public void MarkReported() => _openReported = true;

    public void AddDelta(Stat stat, long delta) => _open[stat - _first] += delta;

    public void SetGauge(Stat stat, long value)
    {
        var place = stat - _first;
        var bit = 1UL << place;
        if ((_openGauges & bit) == 0)
        {
            _openGauges |= bit;
            _open[place] = value;
            return;
        }

        _open[place] = StatCatalog.CombineOf(stat) switch
        {
            GaugeCombine.Sum => _open[place] + value,
            GaugeCombine.Largest => Math.Max(_open[place], value),
            _ => Math.Min(_open[place], value),
        };
    }

    /// <summary>Moves the open block into the ring.</summary>
    public void Close(int slot)
    {
        // Hot path: allocation-free once the scope has its ring.
        if (_ring.Length == 0)
        {
            if (!_openReported)
                return;
            _ring = new long[_open.Length * _capacity];
            _reported = new bool[_capacity];
        }

        _reported[slot] = _openReported;
        for (var place = 0; place < _open.Length; place++)
        {
            _ring[(place * _capacity) + slot] = _open[place];
            if ((_openGauges & (1UL << place)) != 0)
                _gauges[place] = _open[place];
            _open[place] = 0;
        }

        _knownGauges |= _openGauges;
        _openGauges = 0;
        _openReported = false;
    }

    public bool IsReported(int slot) => _ring.Length > 0 && _reported[slot];

    public long ValueAt(Stat stat, int slot) => _ring.Length > 0 ? _ring[((stat - _first) * _capacity) + slot] : 0;

    public bool HasGauge(Stat stat) => (_knownGauges & (1UL << (stat - _first))) != 0;

    public long Gauge(Stat stat) => _gauges[stat - _first];
}
