namespace SelfHeal.Benchmarks.Simulation;

/// <summary>Draws of a simulation, from one seed.</summary>
internal sealed class Chance(ulong seed)
{
    // Above this mean a normal draw is as good as a Poisson one and far cheaper.
    private const double NormalFrom = 60;
    private ulong _state = seed;

    /// <summary>Evenly from (0, 1).</summary>
    public double Unit()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        mixed ^= mixed >> 31;
        return ((mixed >> 11) + 0.5) / (1UL << 53);
    }

    public double Exponential(double mean) => -mean * Math.Log(Unit());

    public double Normal() => Math.Sqrt(-2 * Math.Log(Unit())) * Math.Cos(2 * Math.PI * Unit());

    public long Poisson(double mean)
    {
        if (mean >= NormalFrom)
            return (long)Math.Max(0, Math.Round(mean + (Math.Sqrt(mean) * Normal())));
        var limit = Math.Exp(-mean);
        var product = Unit();
        var count = 0L;
        while (product > limit)
        {
            product *= Unit();
            count++;
        }

        return count;
    }

    /// <summary>A gamma draw of mean 1 (Marsaglia and Tsang, 2000).</summary>
    public double Gamma(double shape)
    {
        if (shape < 1)
            return Gamma(shape + 1) * (shape + 1) / shape * Math.Pow(Unit(), 1 / shape);
        var d = shape - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = Normal();
            var v = 1 + (c * x);
            if (v <= 0)
                continue;
            v = v * v * v;
            if (Math.Log(Unit()) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v)))
                return d * v / shape;
        }
    }
}
