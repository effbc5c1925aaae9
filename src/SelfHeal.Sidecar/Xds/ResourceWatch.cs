namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// Tells of changes in a directory as soon as the kernel does, once it has been quiet for a moment. It is a hint only:
/// mounts that tell nothing (NFS) and a kernel out of watches are found by the owner's regular look.
/// </summary>
internal sealed class ResourceWatch : IDisposable
{
    // An editor or a copy writes for a few milliseconds: a look in between would find half a file. It reads again
    // afterwards in any case, so this only spares a needless warning.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(10);

    private readonly FileSystemWatcher? _watcher;
    private readonly ITimer _settled;

    /// <summary>Watches from now on.</summary>
    /// <param name="path">A directory; one that is not there is not watched.</param>
    /// <param name="changed">Only notes it: it runs on a thread of the pool.</param>
    /// <param name="time">The clock of the moment of quiet.</param>
    public ResourceWatch(string path, Action changed, TimeProvider time)
    {
        _settled = time.CreateTimer(_ => changed(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            _watcher = new FileSystemWatcher(path);
            _watcher.Changed += Note;
            _watcher.Created += Note;
            _watcher.Deleted += Note;
            _watcher.Renamed += Note;
            _watcher.EnableRaisingEvents = true;
        }
        catch (Exception error) when (error is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // No directory yet, or no watch to be had: the regular look finds what changes.
            _watcher?.Dispose();
            _watcher = null;
        }
    }

    /// <summary>Whether the kernel tells of changes.</summary>
    public bool IsWatching => _watcher is not null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _watcher?.Dispose();
        _settled.Dispose();
    }

    private void Note(object sender, FileSystemEventArgs happened) =>
        _settled.Change(Settle, Timeout.InfiniteTimeSpan);
}
