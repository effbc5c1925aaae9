using SelfHeal.UnitTests.Control;
using SelfHeal.UnitTests.Detection;
using SelfHeal.UnitTests.Recording;

namespace SelfHeal.UnitTests;

/// <summary>
/// The second process of the determinism tests: prints a digest and ends. <c>records</c> asks for that of the ledger
/// entries of simulated incidents, <c>replay FILE</c> for that of the entries of a replay, nothing for that of Core's
/// arithmetic.
/// </summary>
internal static class Program
{
    private static void Main(string[] arguments) => Console.WriteLine(arguments switch
    {
        ["records"] => RecordDigest.Compute(),
        ["replay", var file] => ReplayDigest.Compute(file),
        _ => ArithmeticDigest.Compute(),
    });
}
