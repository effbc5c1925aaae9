using System.Collections.Immutable;

namespace SelfHeal.Lab.Load;

/// <summary>The counts behind <see cref="LoadSnapshot"/>, written by many requests at once.</summary>
internal sealed class LoadTally
{
    /// <summary>Versions and statuses come from the answers: beyond 64 of each the rest share one entry.</summary>
    private const int MaxEntries = 64;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, long> _statuses = [];
    private readonly SortedDictionary<string, (long Completed, long Failed)> _versions = new(StringComparer.Ordinal);
    private long _sent;
    private long _shed;
    private long _transportErrors;

    public void CountSent() => Interlocked.Increment(ref _sent);

    public void CountShed() => Interlocked.Increment(ref _shed);

    public void CountTransportError() => Interlocked.Increment(ref _transportErrors);

    public void CountAnswer(string version, int status)
    {
        lock (_lock)
        {
            var statusKey = _statuses.Count < MaxEntries || _statuses.ContainsKey(status) ? status : 0;
            _statuses[statusKey] = _statuses.GetValueOrDefault(statusKey) + 1;
            var versionKey = _versions.Count < MaxEntries || _versions.ContainsKey(version) ? version : "(others)";
            var (completed, failed) = _versions.GetValueOrDefault(versionKey);
            _versions[versionKey] = (completed + 1, failed + (status >= 500 ? 1 : 0));
        }
    }

    public LoadSnapshot Snapshot()
    {
        lock (_lock)
        {
            return new LoadSnapshot(
                Interlocked.Read(ref _sent),
                Interlocked.Read(ref _shed),
                Interlocked.Read(ref _transportErrors),
                _statuses.ToImmutableSortedDictionary(),
                [.. _versions.Select(entry => new VersionLoad(entry.Key, entry.Value.Completed, entry.Value.Failed))]);
        }
    }
}
