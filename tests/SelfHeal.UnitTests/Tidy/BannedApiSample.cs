#pragma warning disable // Every line breaks a rule: it is what the rules are tried on, and never runs.
using System.Diagnostics;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace SelfHeal.UnitTests.Tidy;

/// <summary>One use of everything that is banned, so that each row of the table is seen to catch something.</summary>
internal static class BannedApiSample
{
    public static object[] Clocks() =>
    [
        DateTime.UtcNow, DateTime.Now, DateTime.Today, DateTimeOffset.UtcNow, DateTimeOffset.Now,
        Environment.TickCount, Environment.TickCount64, Stopwatch.GetTimestamp(),
    ];

    public static object[] Chance() => [Random.Shared, new Random(), Guid.NewGuid(), Guid.CreateVersion7()];

    public static async Task Waits(Task<int> task)
    {
        Thread.Sleep(1);
        await Task.Run(() => 1);
        await Task.Delay(1);
        await Task.Delay(TimeSpan.Zero, CancellationToken.None);
        await task.ConfigureAwait(false);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        using var source = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        task.Wait();
        _ = task.Result;
    }

    public static double[] Arithmetic(double x) =>
    [
        Math.Log(x), Math.Exp(x), Math.Pow(x, x), Math.Sin(x), Math.FusedMultiplyAdd(x, x, x),
        MathF.Sqrt(1), double.Exp(x),
        Vector128.Exp(Vector128.Create(x))[0], Vector.Log(new Vector<double>(x))[0],
    ];
}
