using BenchmarkDotNet.Running;
using SelfHeal.Benchmarks.Delegation;
using SelfHeal.Benchmarks.Feeding;
using SelfHeal.Benchmarks.Figures;
using SelfHeal.Benchmarks.Recording;
using SelfHeal.Benchmarks.Servers;
using SelfHeal.Benchmarks.XdsLoad;

namespace SelfHeal.Benchmarks;

/// <summary>The words that bench/README.md explains; anything else goes to BenchmarkDotNet.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        try
        {
            return await RunAsync(arguments);
        }
        catch (Exception error) when (
            error is InvalidOperationException or InvalidDataException or IOException or TimeoutException)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return 1;
        }
    }

    private static async Task<int> RunAsync(string[] arguments)
    {
        switch (arguments)
        {
            case ["figures", var file]:
                return await FiguresCommand.RunAsync(file, "", CancellationToken.None);
            case ["figures", var file, var only]:
                return await FiguresCommand.RunAsync(file, only, CancellationToken.None);
            case ["healthy-10min", var file]:
                return await HealthyCommand.RunAsync(file, CancellationToken.None);
            case ["drain", var port, var adminPort]:
                return await DrainServer.RunAsync(port, adminPort);
            case ["feed", ..]:
                return await Feeder.RunAsync(arguments, CancellationToken.None);
            case ["xds-client", var options]:
                return await XdsFleet.RunAsync(options, CancellationToken.None);
            case ["xds-host", var config, var controlPort, var clusters, var nodes]:
                return await XdsHost.RunAsync(config, controlPort, clusters, nodes);
            case ["xds-yardstick", var port, var controlPort, var clusters]:
                return await XdsYardstick.RunAsync(port, controlPort, clusters);
            case ["relay-upstream", var port, var controlPort]:
                return await RelayUpstream.RunAsync(port, controlPort);
            case ["judge", var file]:
                return HealthyCommand.Judge(file);
            case ["--gate", var expected]:
                return AllocationGate.Run(expected);
            case ["record-streams", var directory]:
                return await RecordCommand.RunAsync(directory, "", CancellationToken.None);
            case ["record-streams", var directory, var prefix]:
                return await RecordCommand.RunAsync(directory, prefix, CancellationToken.None);
        }

        if (arguments.Contains("--gate", StringComparer.Ordinal))
        {
            await Console.Error.WriteLineAsync("--gate wants the file of expected allocations and nothing else");
            return 2;
        }

        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments);
        return 0;
    }
}
