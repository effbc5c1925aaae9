namespace SelfHeal.UnitTests.Sidecar;

/// <summary>Waits for a condition that nothing announces.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task HoldsAsync(Func<bool> condition, string what)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException exception)
            {
                throw new TimeoutException($"not within {Patience.TotalSeconds} s: {what}", exception);
            }
        }
    }
}
