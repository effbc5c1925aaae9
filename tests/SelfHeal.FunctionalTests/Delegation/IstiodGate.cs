namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>Holds up whoever comes while it is closed. Open at first. Thread-safe.</summary>
internal sealed class IstiodGate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _closed;

    public void Close()
    {
        lock (_lock)
            _closed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Open()
    {
        lock (_lock)
        {
            _closed?.TrySetResult();
            _closed = null;
        }
    }

    public Task PassAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return _closed?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;
    }
}
