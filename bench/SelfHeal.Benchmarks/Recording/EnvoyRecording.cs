using SelfHeal.Benchmarks.Streams;
using SelfHeal.Core.Time;
using SelfHeal.Lab.Processes;
using SelfHeal.Lab.Upstream;

namespace SelfHeal.Benchmarks.Recording;

/// <summary>Runs a real Envoy with upstreams and load on loopback, and records the stats that it sends.</summary>
internal static class EnvoyRecording
{
    private const int PaymentsPerSecond = 120;
    private const int ShopPerSecond = 150;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<IReadOnlyList<StreamFrame>> RunAsync(
        EnvoyRecordingOptions options, CancellationToken cancellationToken)
    {
        var binary = EnvoyBinary.Find()
            ?? throw new InvalidOperationException($"No Envoy was found. {EnvoyBinary.HowToGet}");
        var directory = Directory.CreateTempSubdirectory("selfheal-recording-").FullName;
        try
        {
            return await RunAsync(options, binary, directory, cancellationToken);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<StreamFrame>> RunAsync(
        EnvoyRecordingOptions options, string binary, string directory, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var ports = LabPorts.Free();
        await using var recorder = new FrameRecorder(ports.Xds, time);
        await recorder.StartAsync(cancellationToken);
        await using var stable = new UpstreamServer("v1", ports.Stable, new SeededRandomSource(1), time);
        await using var canary = new UpstreamServer("v2", ports.Canary, new SeededRandomSource(2), time);
        await using var shop = new UpstreamServer("shop", 0, new SeededRandomSource(3), time);
        foreach (var upstream in new[] { stable, canary, shop })
            await upstream.StartAsync(cancellationToken);

        var bootstrap = Path.Combine(directory, "bootstrap.yaml");
        await File.WriteAllTextAsync(
            bootstrap, EnvoyBootstrap.Render(options, ports, shop.Address.Port), cancellationToken);
        await using var envoy = EnvoyProcess.Start(
            binary, bootstrap, ports, Path.Combine(directory, "envoy.log"), time);
        await envoy.WaitReadyAsync(Patience, cancellationToken);

        await using var payments = new ChangingLoad(envoy.Listener, "/pay", PaymentsPerSecond, options.LoadStep);
        await using var other = new ChangingLoad(envoy.Listener, "/shop", ShopPerSecond, options.LoadStep);
        await WaitFlushesAsync(recorder, envoy, options, options.Flushes / 2, cancellationToken);
        Break(options.Scenario, stable, canary);
        await WaitFlushesAsync(recorder, envoy, options, options.Flushes + 1, cancellationToken);
        return recorder.Take(options.Flushes);
    }

    private static void Break(EnvoyScenario scenario, UpstreamServer stable, UpstreamServer canary)
    {
        switch (scenario)
        {
            case EnvoyScenario.Healthy:
                break;
            case EnvoyScenario.BadCanary:
                canary.Faults.Set(FaultPlan.Failing(300));
                break;
            case EnvoyScenario.PoolExhaustion:
                stable.Faults.Set(new FaultPlan(0, TimeSpan.FromMilliseconds(200)));
                canary.Faults.Set(new FaultPlan(0, TimeSpan.FromMilliseconds(200)));
                break;
            case EnvoyScenario.RetryStorm:
                stable.Faults.Set(new FaultPlan(500, TimeSpan.FromMilliseconds(30)));
                canary.Faults.Set(new FaultPlan(500, TimeSpan.FromMilliseconds(30)));
                break;
            default:
                throw new InvalidOperationException($"{scenario} has no fault and no word that it needs none");
        }
    }

    private static async Task WaitFlushesAsync(
        FrameRecorder recorder,
        EnvoyProcess envoy,
        EnvoyRecordingOptions options,
        int flushes,
        CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        var limit = (options.FlushInterval * (flushes + 1) * 2) + Patience;
        while (recorder.Flushes < flushes)
        {
            if (envoy.Failure is { } failure)
                throw new InvalidOperationException(failure);
            if (time.GetElapsedTime(start) > limit)
            {
                throw new TimeoutException(
                    $"{recorder.Flushes} flushes came within {limit.TotalSeconds} s, expected {flushes}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
        }
    }
}
