namespace SelfHeal.Core.Control;

/// <summary>The proxies that do not hold what is intended for them.</summary>
internal sealed class DriftTable
{
    // No more than proxies that are connected, and the shell limits their streams.
    private readonly HashSet<string> _drifted = new(StringComparer.Ordinal);

    /// <summary>How many there are.</summary>
    public int Count => _drifted.Count;

    /// <summary>A proxy has drifted, or is back.</summary>
    public void OnDrifted(ControlEvent.ProxyDrifted drifted)
    {
        if (drifted.Resources > 0)
            _drifted.Add(drifted.Node);
        else
            _drifted.Remove(drifted.Node);
    }

    /// <summary>A proxy is gone; what it holds now is not known.</summary>
    public void OnDisconnected(string node) => _drifted.Remove(node);
}
