using System.Runtime.Intrinsics;

namespace SelfHeal.Core.Detection;

/// <summary>
/// <see cref="FixedMath"/> for four numbers at once: the same operations in the same order, each rounded as IEEE 754
/// says, so every lane holds the very bits that the scalar form gives, with or without vector hardware.
/// </summary>
internal static class FixedVectors
{
    /// <summary>How many numbers are in one vector.</summary>
    public const int Width = 4;

    private const long FractionMask = 0x000FFFFFFFFFFFFF;
    private const long HalfExponent = 0x3FE0000000000000;

    /// <summary>Natural logarithms.</summary>
    /// <param name="x">Normal, finite, above zero.</param>
    public static Vector256<double> Ln(Vector256<double> x)
    {
        // Hot path: allocation-free.
        var bits = x.AsInt64();
        var exponent = Vector256.ConvertToDouble(
            Vector256.ShiftRightLogical(bits, 52) - Vector256.Create(1022L));
        var fraction = ((bits & Vector256.Create(FractionMask)) | Vector256.Create(HalfExponent)).AsDouble();
        var isSmall = Vector256.LessThan(fraction, Vector256.Create(FixedMath.SquareRootOfHalf));
        fraction = Vector256.ConditionalSelect(isSmall, fraction * Vector256.Create(2.0), fraction);
        exponent = Vector256.ConditionalSelect(isSmall, exponent - Vector256<double>.One, exponent);
        var s = (fraction - Vector256<double>.One) / (fraction + Vector256<double>.One);
        var square = s * s;
        var series = Vector256<double>.Zero;
        foreach (var inverse in FixedMath.InverseOdds)
            series = (series + Vector256.Create(inverse)) * square;
        var twice = Vector256.Create(2.0) * s;
        var low = (twice * series) + (exponent * Vector256.Create(FixedMath.Ln2Low));
        return (exponent * Vector256.Create(FixedMath.Ln2High)) + (twice + low);
    }

    /// <summary>Exponentials.</summary>
    /// <param name="x">At most 709; below -708 gives zero.</param>
    public static Vector256<double> Exp(Vector256<double> x)
    {
        // Hot path: allocation-free.
        var isTiny = Vector256.LessThan(x, Vector256.Create(-708.0));
        x = Vector256.ConditionalSelect(isTiny, Vector256<double>.Zero, x);
        var power = Vector256.Floor((x * Vector256.Create(FixedMath.InverseLn2)) + Vector256.Create(0.5));
        var rest = (x - (power * Vector256.Create(FixedMath.Ln2High))) - (power * Vector256.Create(FixedMath.Ln2Low));
        var coefficients = FixedMath.InverseFactorials;
        var series = Vector256.Create(coefficients[^1]);
        for (var term = coefficients.Length - 2; term >= 0; term--)
            series = (series * rest) + Vector256.Create(coefficients[term]);
        var scale = Vector256.ShiftLeft(Vector256.ConvertToInt64(power) + Vector256.Create(1023L), 52).AsDouble();
        return Vector256.ConditionalSelect(isTiny, Vector256<double>.Zero, series * scale);
    }

    /// <summary>Values in whole units of 1/<paramref name="scale"/>, rounded half up, as
    /// <see cref="FixedMath.Scale"/> gives them while they stay below 2^53.</summary>
    /// <param name="value">Not NaN.</param>
    /// <param name="scale">Units in 1.</param>
    public static Vector256<double> Scale(Vector256<double> value, double scale) =>
        Vector256.Floor((value * Vector256.Create(scale)) + Vector256.Create(0.5));
}
