using SelfHeal.Lab.Load;

namespace SelfHeal.Benchmarks.Recording;

/// <summary>Load whose rate jumps from step to step, as traffic does over a day, until it is stopped.</summary>
internal sealed class ChangingLoad : IAsyncDisposable
{
    /// <summary>Percent of the base rate, one after the other and again from the start.</summary>
    private static readonly int[] Steps = [100, 40, 160, 70, 220, 120, 30, 180];

    private readonly Uri _target;
    private readonly string _path;
    private readonly int _rate;
    private readonly TimeSpan _step;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    public ChangingLoad(Uri target, string path, int rate, TimeSpan step)
    {
        _target = target;
        _path = path;
        _rate = rate;
        _step = step;
        _run = RunAsync();
    }

    /// <summary>Requests started in steps that have ended.</summary>
    public long Sent { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        // Ends when it is stopped; each step is bounded by its length.
        for (var step = 0; !_stop.IsCancellationRequested; step++)
        {
            var options = new LoadOptions
            {
                Path = _path,
                RequestsPerSecond = Math.Max(1, _rate * Steps[step % Steps.Length] / 100),
                MaxDuration = _step,
            };
            await using var load = new LoadGenerator(_target, options, TimeProvider.System);
            using var stopping = _stop.Token.Register(() => _ = load.StopAsync());
            load.Start();
            await load.Ended;
            Sent += load.Snapshot().Sent;
        }
    }
}
