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

    public PersistenceCounter Own { get; set; }

    public PersistenceCounter Against { get; set; }

    /// <summary>Whether a look of the newest block is suspect: nothing is learned from such a block.</summary>
    public bool IsSuspect { get; set; }

    public SlowLook Slow { get; private set; }

    public ReadOnlySpan<long> Sums => _sums;

    /// <summary>Whether the memory may be given back once no look is running.</summary>
    public bool IsIdle => Own.Flushes == 0 && Against.Flushes == 0 && !IsSuspect;

    /// <summary>When the run of a look began, as it was last set.</summary>
    public ControlTime Onset(int look) => _onsets[look];

    /// <summary>A run of a look begins.</summary>
    public void Begin(int look, ControlTime onset) => _onsets[look] = onset;

    /// <summary>S_r = max(0, S_r + l(r)) with the finished slow block, and G of the result.</summary>
    /// <param name="input">e and n of the slow block.</param>
    /// <param name="terms">What it is compared with.</param>
    /// <param name="slow">The block itself, without its statistic.</param>
    /// <param name="start">Its start.</param>
    /// <returns>Whether a sum is above 0.</returns>
    public bool AddSlow(in LookInput input, in LookTerms terms, in SlowLook slow, ControlTime start)
    {
        Invariant.Assert(!terms.Falls, "a collapse has no slow look");
        var expected = input.Total * terms.Baseline;
        var winner = 0;
        for (var size = 0; size < _sums.Length; size++)
        {
            var likelihood = Likelihood.RiseAt(input.Events, expected, terms.Shape, size);
            if (_sums[size] == 0)
                _lastZero[size] = start;
            _sums[size] = Math.Max(0, _sums[size] + likelihood);
            if (_sums[size] > _sums[winner])
                winner = size;
        }

        _onsets[LookSchedule.Place(LookKind.Slow, 0)] = _lastZero[winner];
        Slow = slow with { Statistic = Likelihood.MixOf(_sums), Terms = terms };
        return _sums[winner] > 0;
    }

    /// <summary>Empties it for another series.</summary>
    public void Reset()
    {
        Own = default;
        Against = default;
        IsSuspect = false;
        Slow = default;
        Array.Clear(_sums);
    }
}
