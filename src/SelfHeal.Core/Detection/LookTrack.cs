using SelfHeal.Core.Time;

namespace SelfHeal.Core.Detection;

/// <summary>What is remembered of one pair of one cluster between blocks.</summary>
internal sealed class LookTrack(int scopeId, string scope, SignalPair pair)
{
    private readonly bool[] _isRunning = new bool[LookSchedule.LookCount];
    private readonly ControlTime[] _onsets = new ControlTime[LookSchedule.LookCount];
    private readonly long[] _sums = new long[Likelihood.SizeCount];
    private readonly ControlTime[] _lastZero = new ControlTime[Likelihood.SizeCount];
    private long _slowEvents;
    private long _slowTotal;
    private int _slowBlocks;
    private TimeSpan _slowExposure;

    public int ScopeId { get; } = scopeId;

    public string Scope { get; } = scope;

    public SignalPair Pair { get; } = pair;

    public PersistenceCounter Own { get; set; }

    public PersistenceCounter Against { get; set; }

    /// <summary>The newest slow look; meaningful once <see cref="HasSlow"/>.</summary>
    public LookResult Slow { get; set; }

    public bool HasSlow { get; set; }

    public ReadOnlySpan<long> Sums => _sums;

    public int SlowBlocks => _slowBlocks;

    public TimeSpan SlowExposure => _slowExposure;

    public LookInput SlowInput => new(_slowEvents, _slowTotal, 0, 0);

    /// <summary>Keeps the run of blocks in which one look's statistic is above 0.</summary>
    public void Follow(int look, long statistic, ControlTime blockStart)
    {
        if (statistic <= 0)
        {
            _isRunning[look] = false;
            return;
        }

        if (_isRunning[look])
            return;
        _isRunning[look] = true;
        _onsets[look] = blockStart;
    }

    public bool IsRunning(int look) => _isRunning[look];

    public ControlTime Onset(int look) => _isRunning[look] ? _onsets[look] : default;

    public bool IsAnyRunning(LookKind kind)
    {
        var from = LookSchedule.Place(kind, 0);
        for (var look = from; look < from + LookSchedule.WindowCount; look++)
        {
            if (_isRunning[look])
                return true;
        }

        return false;
    }

    public void AddToSlow(long events, long total, TimeSpan exposure)
    {
        _slowEvents += events;
        _slowTotal += total;
        _slowExposure += exposure;
        _slowBlocks++;
    }

    /// <summary>S_r = max(0, S_r + l(r)) with the finished slow block; G of the result.</summary>
    public long AddSums(double expected, double shape, ControlTime start, ControlTime end)
    {
        var winner = 0;
        for (var size = 0; size < _sums.Length; size++)
        {
            var sum = _sums[size] + Likelihood.RiseAt(_slowEvents, expected, shape, size);
            if (_sums[size] == 0)
                _lastZero[size] = start;
            _sums[size] = Math.Max(0, sum);
            if (_sums[size] > _sums[winner])
                winner = size;
        }

        var statistic = Likelihood.MixOf(_sums);
        var look = LookSchedule.Place(LookKind.Slow, 0);
        _isRunning[look] = _sums[winner] > 0;
        _onsets[look] = _isRunning[look] ? _lastZero[winner] : end;
        return statistic;
    }

    public void ClearSlow()
    {
        _slowEvents = 0;
        _slowTotal = 0;
        _slowBlocks = 0;
        _slowExposure = TimeSpan.Zero;
    }
}
