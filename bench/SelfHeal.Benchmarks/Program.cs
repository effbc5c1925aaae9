using BenchmarkDotNet.Running;

namespace SelfHeal.Benchmarks;

/// <summary><c>--gate FILE</c> compares allocations; anything else goes to BenchmarkDotNet.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is ["--gate", var expected])
            return AllocationGate.Run(expected);
        if (arguments.Contains("--gate", StringComparer.Ordinal))
        {
            Console.Error.WriteLine("--gate wants the file of expected allocations and nothing else");
            return 2;
        }

        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments);
        return 0;
    }
}
