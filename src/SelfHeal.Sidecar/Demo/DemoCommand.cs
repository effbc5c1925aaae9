using SelfHeal.Lab;
using SelfHeal.Lab.Mesh;
using SelfHeal.Lab.Processes;
using Spectre.Console;

namespace SelfHeal.Sidecar.Demo;

/// <summary>
/// <c>selfheal demo</c>: a real incident on this machine, with a real Envoy where there is one. Ends with 0 only if
/// the incident ended as its scenario must.
/// </summary>
internal static class DemoCommand
{
    private const int Ok = 0;
    private const int Failed = 1;
    private const int Usage = 2;

    /// <summary>What shells expect of a program that Ctrl+C ended.</summary>
    private const int Interrupted = 130;

    /// <summary>Plays the scenario as often as asked.</summary>
    /// <param name="options">What to show.</param>
    /// <param name="console">Where to show it.</param>
    /// <param name="cancellationToken">Ends it; everything it started is ended too.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        DemoOptions options, IAnsiConsole console, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(console);
        if (options.Errors() is { Count: > 0 } errors)
        {
            foreach (var error in errors)
                Raw(console, error);
            return Usage;
        }

        MeshAddresses? mesh = null;
        if (options.Mode == DemoMode.Istio && !TryFindMesh(console, out mesh))
            return Failed;
        SayWhichDataPlane(options, console);
        var time = TimeProvider.System;
        var firstSeed = options.Seed ?? (ulong)time.GetUtcNow().UtcTicks;
        var report = new DemoReport(console, options);
        var results = new List<DemoResult>();
        using var signals = new DemoSignals(cancellationToken);
        try
        {
            for (var run = 0; run < options.Runs; run++)
            {
                var result = await new DemoRun(options, mesh, firstSeed + (ulong)run, Screen(console), time)
                    .PlayAsync(signals.Token);
                results.Add(result);
                report.Write(result);
            }
        }
        catch (Exception exception) when (
            exception is OperationCanceledException or LabException && signals.Token.IsCancellationRequested)
        {
            // Ctrl+C reaches the children too, so their end may be seen first: that is no failure.
            Raw(console, "Stopped; everything that the demo started is ended.");
            return Interrupted;
        }
        catch (LabException exception)
        {
            Raw(console, $"The demo could not be played: {exception.Message}");
            return Failed;
        }

        if (options.Runs > 1)
            report.WriteSummary(results);
        if (options.JsonFile is { } file)
            await File.WriteAllTextAsync(file, report.ToJson(results), cancellationToken);
        return results.TrueForAll(result => result.Held) ? Ok : Failed;
    }

    private static bool TryFindMesh(IAnsiConsole console, out MeshAddresses? mesh)
    {
        mesh = MeshAddresses.Find(Environment.GetEnvironmentVariable, out var problems);
        var missing = EnvoyBinary.Find() is null ? $"there is no Envoy. {EnvoyBinary.HowToGet}" : null;
        if (mesh is not null && missing is null)
            return true;
        Raw(console, "--mode istio needs a running mesh and a real Envoy:");
        foreach (var problem in problems)
            Raw(console, $"  {problem}");
        if (missing is not null)
            Raw(console, $"  {missing}");
        if (!problems.IsEmpty)
            Raw(console, MeshAddresses.HowToGet);
        return false;
    }

    private static void SayWhichDataPlane(DemoOptions options, IAnsiConsole console)
    {
        if (options.Model)
            Raw(console, "Data plane: SelfHeal's own model of an Envoy, as asked (--model).");
        else if (EnvoyBinary.Find() is { } binary)
            Raw(console, $"Data plane: the real Envoy {binary}.");
        else
            Raw(console, $"Data plane: SelfHeal's own model; no Envoy was found. {EnvoyBinary.HowToGet}");
    }

    private static IDemoScreen Screen(IAnsiConsole console) =>
        console.Profile.Out.IsTerminal && console.Profile.Capabilities.Ansi
            ? new LiveScreen(console)
            : new LineScreen(console);

    private static void Raw(IAnsiConsole console, string text) => console.Profile.Out.Writer.WriteLine(text);
}
