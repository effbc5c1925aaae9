namespace SelfHeal.Xds.Sessions;

/// <summary>Contents that the client rejected on this stream and must never see again on it.</summary>
/// <param name="capacity">The oldest is forgotten beyond it.</param>
internal sealed class ContentQuarantine(int capacity)
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldestFirst = new();

    public void Add(string key)
    {
        if (!_keys.Add(key))
            return;
        _oldestFirst.Enqueue(key);
        if (_oldestFirst.Count > capacity)
            _keys.Remove(_oldestFirst.Dequeue());
    }

    public bool Holds(string key) => _keys.Count > 0 && _keys.Contains(key);

    /// <summary>The key of one content of one resource.</summary>
    public static string Key(string name, string contentHash) => $"{contentHash}/{name}";
}
