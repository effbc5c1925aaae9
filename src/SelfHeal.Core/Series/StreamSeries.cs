namespace SelfHeal.Core.Series;

/// <summary>What the fold keeps for one series of one stream: 16 bytes, at the series' stream-local index.</summary>
internal struct StreamSeries
{
    /// <summary>The series' scope was refused: its samples go nowhere.</summary>
    public const int Ignored = -1;

    private const int UnseenFlag = int.MinValue;
    private const int GaugeFlag = 1 << 30;
    private const int SlotMask = GaugeFlag - 1;

    /// <summary>The counter's value as last seen.</summary>
    public long Last;

    /// <summary>The slot of the open block that takes the counter's deltas; negative where a sample needs more than an
    /// addition: a gauge, a counter that was not seen yet, or one that is ignored.</summary>
    public int Target;

    /// <summary>The scope's id; -1 where it was refused.</summary>
    public int Scope;

    public readonly bool IsGauge => (Target & (UnseenFlag | GaugeFlag)) == (UnseenFlag | GaugeFlag);

    public readonly int Slot => Target & SlotMask;

    public static StreamSeries Counter(int scope, int slot) => new() { Scope = scope, Target = slot | UnseenFlag };

    public static StreamSeries Gauge(int scope, int slot) =>
        new() { Scope = scope, Target = slot | UnseenFlag | GaugeFlag };

    public static StreamSeries Refused() => new() { Scope = -1, Target = Ignored };

    /// <summary>The counter has a last value from now on, so that the next sample is an addition.</summary>
    public void MarkSeen(long value)
    {
        Last = value;
        Target = Slot;
    }
}
