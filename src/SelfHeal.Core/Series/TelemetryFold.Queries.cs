using SelfHeal.Core.Time;

namespace SelfHeal.Core.Series;

/// <content>What may be asked of the closed blocks.</content>
public sealed partial class TelemetryFold
{
    /// <summary>
    /// Ids of the clusters that are proved to exist, in the order in which they were first seen. Ids stay valid for the
    /// life of the fold.
    /// </summary>
    public ReadOnlySpan<int> Clusters => Scopes(StatScope.Cluster);

    /// <summary>How many blocks are kept at most.</summary>
    public int BlockCapacity => _blocks.Length;

    /// <summary>How many streams are open.</summary>
    public int StreamCount => _streams.Count;

    /// <summary>One open stream.</summary>
    /// <param name="place">0 up to <see cref="StreamCount"/>, in the order of opening.</param>
    /// <param name="now">The time of this step.</param>
    public StreamStatus StreamAt(int place, ControlTime now)
    {
        var stream = _streams[place];
        return new StreamStatus(
            stream.Id,
            stream.Node,
            stream.NodeCluster,
            stream.HasFlushed,
            stream.NewestFlush,
            new TimeSpan(stream.IntervalNanos / 100),
            stream.IsLive(now));
    }

    /// <summary>The id of a cluster; -1 where no stream has proved it to exist.</summary>
    /// <param name="cluster">The cluster's name, whatever the name of its stats (<see cref="TakeNames"/>).</param>
    public int FindCluster(string cluster) => FindByName(cluster);

    /// <summary>The id of a scope; -1 where no stream has proved it to exist.</summary>
    /// <param name="scope">The kind.</param>
    /// <param name="name">The name; empty for scopes without one.</param>
    public int FindScope(StatScope scope, string name) =>
        _scopeIds.TryGetValue((scope, name), out var id) && _scopes[id].IsConfirmed ? id : -1;

    /// <summary>The name of a scope.</summary>
    /// <param name="scopeId">An id.</param>
    public string NameOf(int scopeId) => _scopes[scopeId].Name;

    /// <summary>A closed block that is still kept.</summary>
    /// <param name="sequence">Its sequence number.</param>
    /// <param name="block">The block.</param>
    /// <returns>False where it was never closed or is kept no more.</returns>
    public bool TryGetBlock(long sequence, out BlockRecord block)
    {
        block = default;
        if (sequence < 0 || sequence > ClosedSequence || sequence <= ClosedSequence - _blocks.Length)
            return false;
        block = _blocks[(int)(sequence % _blocks.Length)];
        return true;
    }

    /// <summary>Ids of the scopes of a kind that are proved to exist, in the order in which they were first seen; they
    /// stay valid for the life of the fold.</summary>
    /// <param name="kind">Any kind but <see cref="StatScope.None"/>.</param>
    public ReadOnlySpan<int> Scopes(StatScope kind) => _scopesOfKind[(int)kind].Ids;

    /// <summary>What a scope is.</summary>
    /// <param name="scopeId">An id.</param>
    public StatScope KindOf(int scopeId) => _scopes[scopeId].Kind;

    /// <summary>One stat of one cluster over the newest blocks.</summary>
    /// <param name="cluster">The cluster's name; an unknown one gives no known blocks.</param>
    /// <param name="stat">A stat of clusters.</param>
    /// <param name="blocks">How many blocks, 1 to <see cref="BlockCapacity"/>.</param>
    public StatWindow Window(string cluster, Stat stat, int blocks) =>
        Window(FindCluster(cluster), stat, blocks, ClosedSequence);

    /// <summary>One stat of one scope over the newest blocks.</summary>
    /// <param name="scopeId">A scope's id; -1 gives no known blocks.</param>
    /// <param name="stat">A stat of that scope.</param>
    /// <param name="blocks">How many blocks, 1 to <see cref="BlockCapacity"/>.</param>
    public StatWindow Window(int scopeId, Stat stat, int blocks) => Window(scopeId, stat, blocks, ClosedSequence);

    /// <summary>One stat of one scope over the blocks up to a given one.</summary>
    /// <param name="scopeId">A scope's id; -1 gives no known blocks.</param>
    /// <param name="stat">A stat of that scope.</param>
    /// <param name="blocks">How many blocks, 1 to <see cref="BlockCapacity"/>.</param>
    /// <param name="endSequence">The newest block of the window.</param>
    public StatWindow Window(int scopeId, Stat stat, int blocks, long endSequence)
    {
        // Hot path: allocation-free.
        ArgumentOutOfRangeException.ThrowIfLessThan(blocks, 1);
        if (!TryGetBlock(endSequence, out var newest))
            return new StatWindow(0, 0, 0, false, false, default, default, -1, default);
        var oldest = Math.Max(0, Math.Max(endSequence - blocks + 1, ClosedSequence - _blocks.Length + 1));
        var scope = scopeId < 0 ? null : _scopes[scopeId];
        Invariant.Assert(
            scope is null || StatCatalog.ScopeOf(stat) == scope.Kind, "The stat is one of the scope asked for");

        var sum = 0L;
        var known = 0;
        var exposure = TimeSpan.Zero;
        var slot = scope is null ? -1 : SlotOf(scopeId, stat);
        for (var sequence = oldest; scope is not null && sequence <= endSequence; sequence++)
        {
            if (!_ring.IsReported(scopeId, sequence))
                continue;
            known++;
            exposure += _blocks[(int)(sequence % _blocks.Length)].Exposure;
            sum += _ring.Row(sequence)[slot];
        }

        var gauge = 0L;
        var hasGauge = scope is not null && StatCatalog.IsGauge(stat) && _ring.TryGetGauge(slot, out gauge);
        return new StatWindow(
            StatCatalog.IsGauge(stat) ? (hasGauge ? gauge : 0) : sum,
            known,
            (int)(endSequence - oldest + 1),
            scope is not null && _ring.IsReported(scopeId, endSequence),
            hasGauge,
            exposure,
            newest.End.Since(_blocks[(int)(oldest % _blocks.Length)].Start),
            endSequence,
            newest.End);
    }
}
