using SelfHeal.Core.Time;

namespace SelfHeal.Core.Detection;

/// <summary>
/// What is remembered of a series in which something is going on: runs, persistence, the slow look's sums. Most series
/// have none; those that do take one from a pool and give it back when nothing is left.
/// </summary>
internal sealed class LookMemory
{
    private readonly ControlTime[] _onsets = new ControlTime[LookSchedule.LookCount];
    private readonly long[] _sums = new long[Likelihood.SizeCount];
    private readonly ControlTime[] _lastZero = new ControlTime[Likelihood.SizeCount];
    private int _running;

    public PersistenceCounter Own { get; set; }

    public PersistenceCounter Against { get; set; }

    /// <summary>Whether the effect holds in the newest block alone; set while a block is being evaluated.</summary>
    public bool HoldsOwn { get; set; }

    public bool HoldsAgainst { get; set; }

    /// <summary>Whether a look of the newest block is suspect: nothing is learned from such a block.</summary>
    public bool IsSuspect { get; set; }

    public SlowLook Slow { get; private set; }

    public ReadOnlySpan<long> Sums => _sums;

    /// <summary>Whether the memory may be given back.</summary>
    public bool IsIdle => _running == 0 && Own.Flushes == 0 && Against.Flushes == 0 && !IsSuspect;

    /// <summary>Keeps the run of blocks in which one look's statistic is above 0.</summary>
    public void Follow(int look, bool isAbove, ControlTime blockStart)
    {
        if (!isAbove)
        {
            _running &= ~(1 << look);
            return;
        }

        if (IsRunning(look))
            return;
        _running |= 1 << look;
        _onsets[look] = blockStart;
    }

    public bool IsRunning(int look) => (_running & (1 << look)) != 0;

    public ControlTime Onset(int look) => IsRunning(look) ? _onsets[look] : default;

    public bool IsAnyRunning(LookKind kind)
    {
        const int Windows = (1 << LookSchedule.WindowCount) - 1;
        return (_running & (Windows << LookSchedule.Place(kind, 0))) != 0;
    }

    /// <summary>No window look speaks.</summary>
    public void StopWindows()
    {
        _running &= 1 << LookSchedule.Place(LookKind.Slow, 0);
        Own = default;
        Against = default;
        IsSuspect = false;
    }

    /// <summary>S_r = max(0, S_r + l(r)) with the finished slow block, and G of the result.</summary>
    /// <param name="input">e and n of the slow block.</param>
    /// <param name="terms">What it is compared with.</param>
    /// <param name="slow">The block itself, without its statistic.</param>
    /// <param name="start">Its start.</param>
    /// <param name="end">Its end.</param>
    public void AddSlow(in LookInput input, in LookTerms terms, in SlowLook slow, ControlTime start, ControlTime end)
    {
        var expected = input.Total * terms.Baseline;
        var winner = 0;
        for (var size = 0; size < _sums.Length; size++)
        {
            var likelihood = terms.Falls
                ? Likelihood.FallAt(input.Events, expected, terms.Shape, size)
                : Likelihood.RiseAt(input.Events, expected, terms.Shape, size);
            if (_sums[size] == 0)
                _lastZero[size] = start;
            _sums[size] = Math.Max(0, _sums[size] + likelihood);
            if (_sums[size] > _sums[winner])
                winner = size;
        }

        var look = LookSchedule.Place(LookKind.Slow, 0);
        Follow(look, _sums[winner] > 0, _lastZero[winner]);
        _onsets[look] = _sums[winner] > 0 ? _lastZero[winner] : end;
        Slow = slow with { Statistic = Likelihood.MixOf(_sums), Terms = terms };
    }

    /// <summary>Empties it for another series.</summary>
    public void Reset()
    {
        _running = 0;
        Own = default;
        Against = default;
        IsSuspect = false;
        HoldsOwn = false;
        HoldsAgainst = false;
        Slow = default;
        Array.Clear(_sums);
    }
}
