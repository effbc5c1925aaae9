using System.Diagnostics;
using SelfHeal.Core.Detection;

namespace SelfHeal.UnitTests.Detection;

[TestFixture]
public sealed class FixedMathTests
{
    private static readonly string[] DisabledIntrinsics = ["DOTNET_EnableHWIntrinsic", "DOTNET_EnableAVX2"];

    // Reference values to 17 digits from published tables (Abramowitz and Stegun; NIST DLMF).
    [TestCase(1, 0)]
    [TestCase(2, 0.69314718055994531)]
    [TestCase(10, 2.3025850929940457)]
    [TestCase(0.5, -0.69314718055994531)]
    [TestCase(1e-300, -690.77552789821370520)]
    [TestCase(1.5552e8, 18.862284898676403)]
    public void Ln_KnownValues_AreMet(double x, double expected) =>
        Assert.That(FixedMath.Ln(x), Is.EqualTo(expected).Within(1e-12 * Math.Max(1, Math.Abs(expected))));

    [TestCase(0, 1)]
    [TestCase(1, 2.7182818284590452)]
    [TestCase(-1, 0.36787944117144233)]
    [TestCase(100, 2.6881171418161356e43)]
    [TestCase(-700, 9.8596765437597708e-305)]
    public void Exp_KnownValues_AreMet(double x, double expected) =>
        Assert.That(FixedMath.Exp(x), Is.EqualTo(expected).Within(1e-12 * expected));

    [TestCase(1, 0)]
    [TestCase(2, 0)]
    [TestCase(0.5, 0.57236494292470009)]
    [TestCase(10, 12.801827480081469)]
    [TestCase(100, 359.13420536957540)]
    [TestCase(0.001, 6.9071788853838537)]
    public void LnGamma_KnownValues_AreMet(double x, double expected) =>
        Assert.That(FixedMath.LnGamma(x), Is.EqualTo(expected).Within(1e-12 * Math.Max(1, Math.Abs(expected))));

    [Test]
    public void LnAndExp_WholeRange_AgreeWithTheLibrary()
    {
        for (var exponent = -700.0; exponent < 700; exponent += 0.37)
        {
            var x = Math.Exp(exponent);
            Assert.That(FixedMath.Ln(x), Is.EqualTo(Math.Log(x)).Within(1e-12 * Math.Max(1, Math.Abs(exponent))));
            Assert.That(FixedMath.Exp(exponent), Is.EqualTo(x).Within(1e-12 * x));
        }
    }

    [Test]
    public void Ln_NearOne_KeepsRelativeAccuracy()
    {
        for (var step = 1; step < 1_000; step++)
        {
            var x = 1 + (step * 1e-9);
            Assert.That(FixedMath.Ln(x), Is.EqualTo(Math.Log(x)).Within(1e-12 * Math.Log(x)));
        }
    }

    [Test]
    public void LnGamma_Recurrence_Holds()
    {
        for (var x = 0.25; x < 5_000; x = (x * 1.07) + 0.01)
        {
            var expected = FixedMath.LnGamma(x) + Math.Log(x);
            Assert.That(FixedMath.LnGamma(x + 1), Is.EqualTo(expected).Within(1e-12 * Math.Max(1, Math.Abs(expected))));
        }
    }

    [Test]
    public void Ln_Extremes_AreDefined()
    {
        Assert.That(FixedMath.Ln(0), Is.EqualTo(double.NegativeInfinity));
        Assert.That(FixedMath.Ln(double.Epsilon), Is.EqualTo(Math.Log(double.Epsilon)).Within(1e-9));
        Assert.That(FixedMath.Ln(double.PositiveInfinity), Is.EqualTo(double.PositiveInfinity));
        Assert.That(FixedMath.Exp(1e9), Is.EqualTo(double.PositiveInfinity));
        Assert.That(FixedMath.Exp(-1e9), Is.Zero);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Arithmetic_WithoutHardwareIntrinsics_GivesTheSameBits(CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(ArithmeticDigest).Assembly.Location);
        foreach (var name in DisabledIntrinsics)
            start.Environment[name] = "0";
        using var process = Process.Start(start);
        Assert.That(process, Is.Not.Null);
        var printed = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        Assert.That(printed.Trim(), Is.EqualTo(ArithmeticDigest.Compute()));
    }
}
