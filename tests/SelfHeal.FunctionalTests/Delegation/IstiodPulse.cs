namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>Tells those who wait that something was recorded, so that no test polls. Thread-safe.</summary>
internal sealed class IstiodPulse
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Fire() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
            .TrySetResult();

    /// <summary>Waits for something that is true after one of the next records.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        while (true)
        {
            var next = Volatile.Read(ref _next).Task;
            if (condition())
                return;
            await next.DefaultTimeout();
        }
    }
}
