namespace SelfHeal.Core.Detection;

/// <summary>
/// Logarithm, exponential and log-gamma from IEEE 754 addition, subtraction, multiplication and division only: these
/// four round the same on every machine, whereas a vendor's transcendental does not. Written so that no step can be
/// fused. Also the scale in which results live: <see cref="NatScale"/> units to a nat, as 64-bit integers.
/// </summary>
public static class FixedMath
{
    /// <summary>Micro-nats in a nat: the unit of l, S, F and G in state, in records and in comparisons.</summary>
    public const long NatScale = 1_000_000;

    // ln 2 in two parts: the first has 21 trailing zero bits, so its product with any exponent is exact.
    internal const double Ln2High = 6.93147180369123816490e-01;
    internal const double Ln2Low = 1.90821492927058770002e-10;
    internal const double InverseLn2 = 1.44269504088896338700e+00;
    internal const double SquareRootOfHalf = 7.07106781186547524401e-01;
    private const double HalfLnTwoPi = 9.18938533204672741780e-01;

    /// <summary>1/n for the odd n from 23 down to 3.</summary>
    internal static readonly double[] InverseOdds =
    [
        1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3,
    ];

    /// <summary>1/n! for n from 0 to 14, each rounded once.</summary>
    internal static readonly double[] InverseFactorials =
    [
        1, 1, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5_040, 1.0 / 40_320, 1.0 / 362_880,
        1.0 / 3_628_800, 1.0 / 39_916_800, 1.0 / 479_001_600, 1.0 / 6_227_020_800, 1.0 / 87_178_291_200,
    ];

    /// <summary>The natural logarithm; relative error below 1e-15 or so.</summary>
    /// <param name="x">Greater than zero and finite; zero gives negative infinity.</param>
    public static double Ln(double x)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(x);
        if (x == 0)
            return double.NegativeInfinity;
        if (double.IsPositiveInfinity(x))
            return x;
        var exponent = 0;
        if (x < 2.2250738585072014e-308)
        {
            x *= 18014398509481984.0;
            exponent = -54;
        }

        // x = fraction * 2^exponent with the fraction in [sqrt(1/2), sqrt(2)).
        var bits = BitConverter.DoubleToInt64Bits(x);
        exponent += (int)(bits >> 52) - 1022;
        var fraction = BitConverter.Int64BitsToDouble((bits & 0x000FFFFFFFFFFFFF) | 0x3FE0000000000000);
        if (fraction < SquareRootOfHalf)
        {
            fraction *= 2;
            exponent--;
        }

        // ln f = 2 artanh s = 2 (s + s^3/3 + s^5/5 + ...), |s| <= 0.172: eleven terms reach 1e-18.
        var s = (fraction - 1) / (fraction + 1);
        var square = s * s;
        var series = 0.0;
        foreach (var inverse in InverseOdds)
            series = (series + inverse) * square;
        var low = (2 * s * series) + (exponent * Ln2Low);
        return (exponent * Ln2High) + ((2 * s) + low);
    }

    /// <summary>The exponential; relative error below 1e-15 or so.</summary>
    /// <param name="x">Above 709 gives positive infinity, below -708 gives zero.</param>
    public static double Exp(double x)
    {
        if (double.IsNaN(x))
            return x;
        if (x > 709)
            return double.PositiveInfinity;
        if (x < -708)
            return 0;
        var power = (int)Math.Floor((x * InverseLn2) + 0.5);
        var rest = (x - (power * Ln2High)) - (power * Ln2Low);

        // |rest| <= 0.347: the Taylor series to the 14th power reaches 1e-18.
        var series = InverseFactorials[^1];
        for (var term = InverseFactorials.Length - 2; term >= 0; term--)
            series = (series * rest) + InverseFactorials[term];
        return series * BitConverter.Int64BitsToDouble((long)(power + 1023) << 52);
    }

    /// <summary>ln Gamma(x); absolute error below 1e-12 for small results, relative below 1e-14 for large
    /// ones.</summary>
    /// <param name="x">Greater than zero.</param>
    public static double LnGamma(double x)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(x);

        // Stirling's series needs a large argument; the recurrence takes a small one there.
        var product = 1.0;
        while (x < 15)
        {
            product *= x;
            x += 1;
        }

        var inverse = 1 / x;
        var square = inverse * inverse;
        var series = inverse * ((1.0 / 12) - (square * ((1.0 / 360) - (square * ((1.0 / 1260)
            - (square * ((1.0 / 1680) - (square * ((1.0 / 1188) - (square * (691.0 / 360360)))))))))));
        return ((((x - 0.5) * Ln(x)) - x) + HalfLnTwoPi) + (series - Ln(product));
    }

    /// <summary>ln B(a, b), the logarithm of the beta function.</summary>
    /// <param name="a">Greater than zero.</param>
    /// <param name="b">Greater than zero.</param>
    public static double LnBeta(double a, double b) => (LnGamma(a) + LnGamma(b)) - LnGamma(a + b);

    /// <summary>A value in units of 1/<paramref name="scale"/>, rounded half up; clamped to ±9e18.</summary>
    /// <param name="value">Not NaN.</param>
    /// <param name="scale">Units in 1.</param>
    public static long Scale(double value, long scale)
    {
        Invariant.Assert(!double.IsNaN(value), "A statistic is a number");
        var scaled = Math.Floor((value * scale) + 0.5);
        return scaled >= 9e18 ? 9_000_000_000_000_000_000 : scaled <= -9e18 ? -9_000_000_000_000_000_000 : (long)scaled;
    }
}
