namespace SelfHeal.Sidecar.Security;

/// <summary>Counts the open streams of each peer.</summary>
/// <param name="max">How many one peer may have; null: any number.</param>
internal sealed class PeerStreams(int? max)
{
    private readonly Lock _lock = new();

    // Peers without streams are forgotten, so it holds no more entries than there are streams, which have a limit.
    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);

    /// <summary>Books a stream; false when the peer has as many as it may.</summary>
    /// <param name="peer">The peer's key.</param>
    public bool TryEnter(string peer)
    {
        lock (_lock)
        {
            var open = _open.GetValueOrDefault(peer);
            if (open >= max)
                return false;
            _open[peer] = open + 1;
            return true;
        }
    }

    /// <summary>The stream has ended.</summary>
    /// <param name="peer">As it was given to <see cref="TryEnter"/>.</param>
    public void Leave(string peer)
    {
        lock (_lock)
        {
            if (_open[peer] > 1)
                _open[peer]--;
            else
                _open.Remove(peer);
        }
    }
}
