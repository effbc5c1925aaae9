namespace SelfHeal.Sidecar.Admin;

/// <summary>
/// What the admin API knows of single proxies. The running process answers from its streams, tests from memory. Every
/// member may be called from any thread at any time.
/// </summary>
internal interface IProxyBoard
{
    /// <summary>One proxy; null when none of that name is connected.</summary>
    /// <param name="node">Any text a caller sent.</param>
    ProxyDocument? Find(string node);

    /// <summary>In what a proxy does not hold what is intended; null when none of that name is connected.</summary>
    /// <param name="node">Any text a caller sent.</param>
    ProxyDiffDocument? Compare(string node);
}
