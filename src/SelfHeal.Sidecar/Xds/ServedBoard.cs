using System.Collections.Concurrent;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <summary>What all proxies together are served, for whoever needs to know it and when it changes.</summary>
internal sealed class ServedBoard
{
    private readonly ConcurrentDictionary<Action, bool> _watchers = new();
    private volatile ValidatedSnapshot? _all;

    /// <summary>All that anybody is served; null until there is anything.</summary>
    public ValidatedSnapshot? All => _all;

    /// <summary>Tells what all groups together are served.</summary>
    /// <param name="all">Their union.</param>
    public void Tell(ValidatedSnapshot all)
    {
        _all = all;
        foreach (var wake in _watchers.Keys)
            wake();
    }

    /// <summary>Tells whenever something else is served, until <see cref="Unwatch"/>.</summary>
    /// <param name="wake">Only notes it: it runs on the publisher's thread.</param>
    public void Watch(Action wake) => _watchers.TryAdd(wake, true);

    /// <summary>Tells no more.</summary>
    /// <param name="wake">As it was given to <see cref="Watch"/>.</param>
    public void Unwatch(Action wake) => _watchers.TryRemove(wake, out _);
}
