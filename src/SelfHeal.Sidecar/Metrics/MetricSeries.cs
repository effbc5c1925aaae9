namespace SelfHeal.Sidecar.Metrics;

/// <summary>One series of a metric: a number, or a histogram.</summary>
/// <param name="labels">Formatted labels without braces.</param>
/// <param name="bounds">Upper bounds of the buckets, rising; empty for anything but a histogram.</param>
internal sealed class MetricSeries(string labels, double[] bounds)
{
    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[bounds.Length + 1];
    private double _value;

    /// <summary>Formatted labels without braces.</summary>
    public string Labels { get; } = labels;

    /// <summary>
    /// The collection that last set an observed value; an observed series that a callback no longer reports is not
    /// written. Zero for series that are pushed.
    /// </summary>
    public long ObservedIn { get; private set; }

    /// <summary>The number; for a histogram the sum.</summary>
    public double Value
    {
        get
        {
            lock (_lock)
                return _value;
        }
    }

    // Hot path: allocation-free.

    /// <summary>Adds to the number.</summary>
    /// <param name="delta">May be negative.</param>
    public void Add(double delta)
    {
        lock (_lock)
            _value += delta;
    }

    /// <summary>Replaces the number.</summary>
    /// <param name="value">The new one.</param>
    /// <param name="collection">The collection that observed it; zero when it was pushed.</param>
    public void Set(double value, long collection)
    {
        lock (_lock)
        {
            _value = value;
            ObservedIn = collection;
        }
    }

    /// <summary>Counts a value into its bucket.</summary>
    /// <param name="value">Not a number is ignored: it fits no bucket and would spoil the sum for ever.</param>
    public void Count(double value)
    {
        if (double.IsNaN(value))
            return;
        var bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket])
            bucket++;
        lock (_lock)
        {
            _counts[bucket]++;
            _value += value;
        }
    }

    /// <summary>Copies the buckets' counts, each its own, the last without upper bound; returns the sum.</summary>
    /// <param name="counts">One longer than the bounds.</param>
    public double ReadBuckets(Span<long> counts)
    {
        lock (_lock)
        {
            _counts.CopyTo(counts);
            return _value;
        }
    }
}
