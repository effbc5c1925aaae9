using SelfHeal.UnitTests.Control;
using SelfHeal.UnitTests.Detection;

namespace SelfHeal.UnitTests;

/// <summary>
/// The second process of the determinism tests: prints a digest and ends. <c>records</c> asks for that of the ledger
/// entries of simulated incidents, nothing for that of Core's arithmetic.
/// </summary>
internal static class Program
{
    private static void Main(string[] arguments) =>
        Console.WriteLine(arguments is ["records"] ? RecordDigest.Compute() : ArithmeticDigest.Compute());
}
