namespace SelfHeal.Lab.Load;

/// <summary>
/// The instants at which something happened, so that one can say how often it happened after another instant. Keeps
/// the newest <see cref="Capacity"/>; older ones are dropped and counted in <see cref="Total"/> only.
/// </summary>
public sealed class InstantLog
{
    /// <summary>
    /// 2 MiB of ticks: 21 minutes at 200 a second, more than twice the longest run of the demo. Beyond it the oldest
    /// are forgotten, and a question about their time throws instead of answering too low.
    /// </summary>
    public const int Capacity = 262_144;

    private readonly Lock _lock = new();
    private readonly long[] _utcTicks = new long[Capacity];
    private long _total;

    /// <summary>How many were ever added.</summary>
    public long Total => Volatile.Read(ref _total);

    /// <summary>Adds one.</summary>
    /// <param name="at">When it happened.</param>
    public void Add(DateTimeOffset at)
    {
        lock (_lock)
        {
            _utcTicks[(int)(_total % Capacity)] = at.UtcTicks;
            _total++;
        }
    }

    /// <summary>How many happened strictly after <paramref name="instant"/>.</summary>
    /// <param name="instant">Not before the oldest one kept.</param>
    public long CountAfter(DateTimeOffset instant)
    {
        lock (_lock)
        {
            var kept = Kept();
            var count = 0L;
            foreach (var ticks in kept)
            {
                if (ticks > instant.UtcTicks)
                    count++;
            }

            if (_total > Capacity && count == kept.Length)
                throw new InvalidOperationException($"instants before {instant:O} were dropped: ask about a later one");
            return count;
        }
    }

    /// <summary>The earliest one at or after <paramref name="instant"/>; null when there is none.</summary>
    /// <param name="instant">Where to start.</param>
    public DateTimeOffset? FirstFrom(DateTimeOffset instant)
    {
        lock (_lock)
        {
            long? first = null;
            foreach (var ticks in Kept())
            {
                if (ticks >= instant.UtcTicks && (first is null || ticks < first))
                    first = ticks;
            }

            return first is { } found ? new DateTimeOffset(found, TimeSpan.Zero) : null;
        }
    }

    private ReadOnlySpan<long> Kept() => _utcTicks.AsSpan(0, (int)Math.Min(_total, Capacity));
}
