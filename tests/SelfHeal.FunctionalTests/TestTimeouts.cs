namespace SelfHeal.FunctionalTests;

/// <summary>Every await of a test has a timeout.</summary>
internal static class TestTimeouts
{
    /// <summary>Long enough for a loaded machine with two cores, short enough to see a hang as a failure.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(30);

    public static Task DefaultTimeout(this Task task) => task.WaitAsync(Default);

    public static Task<T> DefaultTimeout<T>(this Task<T> task) => task.WaitAsync(Default);

    public static Task DefaultTimeout(this ValueTask task) => task.AsTask().WaitAsync(Default);

    public static Task<T> DefaultTimeout<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(Default);
}
