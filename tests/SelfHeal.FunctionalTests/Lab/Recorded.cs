namespace SelfHeal.FunctionalTests.Lab;

/// <summary>Things that arrive from elsewhere, which a test can wait for without sleeping.</summary>
internal sealed class Recorded<T>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly List<T> _items = [];
    private TaskCompletionSource _arrived = New();

    public IReadOnlyList<T> Items
    {
        get
        {
            lock (_lock)
                return [.. _items];
        }
    }

    public void Add(T item)
    {
        TaskCompletionSource arrived;
        lock (_lock)
        {
            _items.Add(item);
            arrived = _arrived;
            _arrived = New();
        }

        arrived.SetResult();
    }

    /// <summary>The first item, from the given place on, that matches.</summary>
    public async Task<T> WaitForAsync(Func<T, bool> matches, int from = 0)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            Task arrived;
            lock (_lock)
            {
                for (var i = from; i < _items.Count; i++)
                {
                    if (matches(_items[i]))
                        return _items[i];
                }

                arrived = _arrived.Task;
            }

            try
            {
                await arrived.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException exception)
            {
                var seen = string.Join('\n', Items);
                throw new TimeoutException($"none of {Items.Count} items matched:\n{seen}", exception);
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
