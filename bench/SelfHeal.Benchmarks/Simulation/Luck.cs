namespace SelfHeal.Benchmarks.Simulation;

/// <summary>A factor on a ratio of failures, gamma of mean 1, that lasts for a while and is then drawn again.</summary>
/// <param name="shape">The gamma's shape; positive infinity: always 1.</param>
/// <param name="memorySeconds">How long a draw lasts in the mean.</param>
/// <param name="chance">Where draws come from.</param>
internal sealed class Luck(double shape, double memorySeconds, Chance chance)
{
    private double _factor = 1;
    private double _left;

    /// <summary>The factor in the next seconds.</summary>
    public double Next(double seconds)
    {
        if (double.IsPositiveInfinity(shape))
            return 1;
        if (_left <= 0)
        {
            _factor = chance.Gamma(shape);
            _left = chance.Exponential(memorySeconds);
        }

        _left -= seconds;
        return _factor;
    }
}
