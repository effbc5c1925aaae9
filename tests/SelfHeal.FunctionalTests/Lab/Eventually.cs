namespace SelfHeal.FunctionalTests.Lab;

/// <summary>Waits for a condition that nothing announces.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static async Task HoldsAsync(Func<bool> condition, string what)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
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

    /// <summary>The same for what has to be asked for; a question that cannot be answered yet is asked again.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition, string what, TimeSpan patience)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var over = new CancellationTokenSource(patience);
        Exception? last = null;
        while (true)
        {
            try
            {
                if (await condition().WaitAsync(over.Token))
                    return;
                await timer.WaitForNextTickAsync(over.Token);
            }
            catch (HttpRequestException exception)
            {
                last = exception; // The process that answers may be on its way.
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                throw new TimeoutException($"not within {patience.TotalSeconds} s: {what}", last);
            }
        }
    }
}
