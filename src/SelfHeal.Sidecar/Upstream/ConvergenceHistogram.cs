namespace SelfHeal.Sidecar.Upstream;

/// <summary>How long proxies took to get what a change meant for them: counts by upper edge, as the upstream has them
/// since its start.</summary>
internal sealed class ConvergenceHistogram
{
    // Istiod has nine; more than this is no histogram of its.
    private const int BucketsMax = 100;

    private readonly SortedDictionary<double, double> _buckets = [];

    /// <summary>How many there were in all.</summary>
    public double Count => _buckets.GetValueOrDefault(double.PositiveInfinity);

    /// <summary>Takes one bucket.</summary>
    /// <param name="edge">Its upper edge in seconds; infinite for the last.</param>
    /// <param name="count">How many are at or below it.</param>
    /// <returns>What was expected instead; null where nothing is wrong.</returns>
    public string? Add(double edge, double count)
    {
        if (double.IsNaN(edge) || edge < 0)
            return "the edge of a bucket, from 0 to +Inf, in the label le";
        if (_buckets.Count == BucketsMax)
            return $"at most {BucketsMax} buckets";
        if (_buckets.Count > 0 && (edge <= _buckets.Keys.Last() || count < _buckets.Values.Last()))
            return "buckets by rising edge, none of which counts less than the one before";
        _buckets.Add(edge, count);
        return null;
    }

    /// <summary>Whether it is whole: a bucket without an edge counts all.</summary>
    public bool IsWhole => _buckets.Count == 0 || _buckets.ContainsKey(double.PositiveInfinity);

    /// <summary>Whether it can be what another one of the same process has become.</summary>
    /// <param name="before">The other one.</param>
    public bool Continues(ConvergenceHistogram before) =>
        before._buckets.All(pair => _buckets.TryGetValue(pair.Key, out var count) && count >= pair.Value);

    /// <summary>The 99th percentile of what came since another one, as the upper edge of its bucket; for the last
    /// bucket, its lower edge. Null where nothing came.</summary>
    /// <param name="before">The other one, which this one continues.</param>
    public TimeSpan? Percentile99Since(ConvergenceHistogram before)
    {
        var total = Count - before.Count;
        if (total <= 0)
            return null;
        var lower = 0.0;
        foreach (var (edge, count) in _buckets)
        {
            var isEnough = (count - before._buckets.GetValueOrDefault(edge)) * 100 >= total * 99;
            if (isEnough || double.IsInfinity(edge))
                return TimeSpan.FromSeconds(Math.Min(double.IsInfinity(edge) ? lower : edge, int.MaxValue));
            lower = edge;
        }

        return null;
    }
}
