using BenchmarkDotNet.Running;

namespace SelfHeal.Benchmarks;

/// <summary><c>--gate FILE</c> compares allocations; anything else goes to BenchmarkDotNet.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is ["--gate", var expected])
            return AllocationGate.Run(expected);
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments);
        return 0;
    }
}
