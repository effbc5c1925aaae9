namespace SelfHeal.Xds.Sessions;

/// <summary>
/// Shares equal immutable objects between streams as long as any of them is in use. What it holds is never needed for
/// an answer to be right, only for it to be cheap.
/// </summary>
/// <typeparam name="T">Immutable.</typeparam>
/// <param name="capacity">
/// Beyond it dead entries are dropped, and if none is dead, new objects are not shared.
/// </param>
internal sealed class WeakCache<T>(int capacity)
    where T : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, WeakReference<T>> _entries = [];

    /// <summary>The object that all use; a new one if there is none yet, or another one under the same hash.</summary>
    /// <param name="hash">Equal for equal content.</param>
    /// <param name="isEqual">Whether an object found under the hash really has the content.</param>
    /// <param name="create">Makes it.</param>
    public T GetOrAdd(long hash, Func<T, bool> isEqual, Func<T> create)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(hash, out var entry) && entry.TryGetTarget(out var found) && isEqual(found))
                return found;
        }
        var made = create();
        lock (_lock)
        {
            if (_entries.TryGetValue(hash, out var entry) && entry.TryGetTarget(out var other))
                return isEqual(other) ? other : made;
            if (_entries.Count >= capacity)
                DropDead();
            if (_entries.Count < capacity)
                _entries[hash] = new WeakReference<T>(made);
            return made;
        }
    }

    private void DropDead()
    {
        foreach (var (hash, entry) in _entries)
        {
            if (!entry.TryGetTarget(out _))
                _entries.Remove(hash);
        }
    }
}
