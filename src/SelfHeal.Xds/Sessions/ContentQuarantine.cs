using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Sessions;

/// <summary>
/// What the client rejected on this stream and must never see again on it: contents that were found out, and whole
/// responses.
/// </summary>
/// <param name="capacity">The oldest is forgotten beyond it.</param>
internal sealed class ContentQuarantine(int capacity)
{
    private readonly HashSet<(string Name, string Hash)> _contents = [];
    private readonly Queue<(string Name, string Hash)> _oldestFirst = new();

    /// <summary>Everything in it.</summary>
    public IReadOnlyCollection<(string Name, string Hash)> Contents => _contents;

    public void Add(string name, string hash)
    {
        if (!_contents.Add((name, hash)))
            return;
        _oldestFirst.Enqueue((name, hash));
        if (_oldestFirst.Count > capacity)
            _contents.Remove(_oldestFirst.Dequeue());
    }

    public bool Holds(string name, string hash) => _contents.Count > 0 && _contents.Contains((name, hash));

    public bool Holds(XdsResource resource) => Holds(resource.Name, resource.ContentHash);
}
