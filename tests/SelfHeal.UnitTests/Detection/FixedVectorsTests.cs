using System.Runtime.Intrinsics;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Time;

namespace SelfHeal.UnitTests.Detection;

[TestFixture]
public sealed class FixedVectorsTests
{
    private const int Cases = 50_000;
    private readonly SeededRandomSource _random = new(31);

    [Test]
    public void Ln_AnyLane_HasTheBitsOfTheScalar()
    {
        for (var i = 0; i < Cases; i++)
        {
            var x = (_random.NextInt32(int.MaxValue) + 1.0) / (_random.NextInt32(1_000_000) + 1.0);
            var lanes = Vector256.Create(x, 1 / x, x + 1, 1);
            var logarithms = FixedVectors.Ln(lanes);
            for (var lane = 0; lane < FixedVectors.Width; lane++)
                ExpectSame(logarithms[lane], FixedMath.Ln(lanes[lane]));
        }
    }

    [Test]
    public void Exp_AnyLane_HasTheBitsOfTheScalar()
    {
        for (var i = 0; i < Cases; i++)
        {
            var x = -_random.NextInt32(800_000) / 1_000.0;
            var lanes = Vector256.Create(x, x / 1_000, 0, -x / 2);
            var exponentials = FixedVectors.Exp(lanes);
            for (var lane = 0; lane < FixedVectors.Width; lane++)
                ExpectSame(exponentials[lane], FixedMath.Exp(lanes[lane]));
        }
    }

    [Test]
    public void Scale_AnyLane_RoundsAsTheScalar()
    {
        for (var i = 0; i < Cases; i++)
        {
            var x = (_random.NextInt32(int.MaxValue) - 1_000_000_000) / 1_234.0;
            var scaled = FixedVectors.Scale(Vector256.Create(x), FixedMath.NatScale)[0];
            Assert.That((long)scaled, Is.EqualTo(FixedMath.Scale(x, FixedMath.NatScale)));
        }
    }

    private static void ExpectSame(double actual, double expected) => Assert.That(
        BitConverter.DoubleToInt64Bits(actual), Is.EqualTo(BitConverter.DoubleToInt64Bits(expected)));
}
