using System.Buffers.Binary;
using System.Security.Cryptography;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Time;

namespace SelfHeal.UnitTests.Detection;

/// <summary>A hash over the exact bits of many results: equal on machines that decide equally.</summary>
internal static class ArithmeticDigest
{
    public static string Compute()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[8];
        var random = new SeededRandomSource(20260101);
        var rises = new LookBatch(Likelihood.RiseSizes, Likelihood.RiseLogs);
        for (var i = 0; i < 20_000; i++)
        {
            var x = (random.NextInt32(int.MaxValue) + 1.0) / (random.NextInt32(1_000_000) + 1.0);
            var events = random.NextInt32(5_000);
            var total = events + random.NextInt32(100_000) + 1;
            var expected = total * 0.001;
            Add(BitConverter.DoubleToInt64Bits(FixedMath.Ln(x)), bytes, hash);
            Add(BitConverter.DoubleToInt64Bits(FixedMath.Exp((x % 1_400) - 700)), bytes, hash);
            Add(BitConverter.DoubleToInt64Bits(FixedMath.LnGamma(x)), bytes, hash);
            Add(Likelihood.Rises(events, expected, 1), bytes, hash);
            Add(Likelihood.Falls(events, expected, 4), bytes, hash);
            Add(Contrast.MilliDecibans(events, total, events / 3, total * 2), bytes, hash);
            Add(ClearTest.LnTail(events % 50, total, 0.01, 2), bytes, hash);
            rises.Add(i, 0, events % 200, expected, 0.25 + (i % 8));
        }

        rises.Score();
        for (var i = 0; i < rises.Count; i++)
            Add(BitConverter.DoubleToInt64Bits(rises.BoundAt(i)), bytes, hash);

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static void Add(long value, Span<byte> bytes, IncrementalHash hash)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        hash.AppendData(bytes);
    }
}
