using SelfHeal.UnitTests.Detection;

namespace SelfHeal.UnitTests;

/// <summary>The second process of the determinism test: prints the digest of Core's arithmetic and ends.</summary>
internal static class Program
{
    private static void Main() => Console.WriteLine(ArithmeticDigest.Compute());
}
