using System.Collections.Immutable;
using System.Globalization;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>What a test lets the double serve, and what of it has changed since the last push. Thread-safe.</summary>
internal sealed class IstiodContent(TimeProvider timeProvider)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ImmutableHashSet<string>> _changed = new(StringComparer.Ordinal);
    private ImmutableDictionary<(string NodeId, string Type), ImmutableSortedDictionary<string, IstiodResource>>
        _resources = ImmutableDictionary<(string, string), ImmutableSortedDictionary<string, IstiodResource>>.Empty;

    private IstiodSnapshot? _snapshot;
    private long _versions;

    /// <summary>The newest; what a stream that begins is served.</summary>
    public IstiodSnapshot Snapshot
    {
        get
        {
            lock (_lock)
                return _snapshot ??= Freeze();
        }
    }

    public void Set(string nodeId, IstiodResource resource)
    {
        lock (_lock)
            Change(nodeId, resource.Type, resource.Name, of => of.SetItem(resource.Name, resource));
    }

    public void Remove(string nodeId, string type, string name)
    {
        lock (_lock)
            Change(nodeId, type, name, of => of.Remove(name));
    }

    /// <summary>Takes the changes of the types; of all types that have changes, when none is named.</summary>
    public IstiodPush TakePush(IReadOnlyCollection<string> types)
    {
        lock (_lock)
        {
            var changed = (types.Count > 0 ? types : [.. _changed.Keys]).ToImmutableDictionary(
                static type => type,
                type => _changed.GetValueOrDefault(type),
                StringComparer.Ordinal);
            foreach (var type in changed.Keys)
                _changed.Remove(type);
            return new IstiodPush(_snapshot = Freeze(), changed, IsForced: false);
        }
    }

    /// <summary>Takes all changes, for a push of everything.</summary>
    public IstiodPush TakeForcedPush() => TakePush([]) with { IsForced = true };

    private void Change(
        string nodeId,
        string type,
        string name,
        Func<ImmutableSortedDictionary<string, IstiodResource>, ImmutableSortedDictionary<string, IstiodResource>> edit)
    {
        var before = _resources.GetValueOrDefault(
            (nodeId, type), ImmutableSortedDictionary.Create<string, IstiodResource>(StringComparer.Ordinal));
        _resources = _resources.SetItem((nodeId, type), edit(before));
        _changed[type] = _changed.GetValueOrDefault(type, []).Add(name);
        _snapshot = null;
    }

    // The time of the push to the second, and a number that grows with each.
    private IstiodSnapshot Freeze() => new(
        string.Create(
            CultureInfo.InvariantCulture, $"{timeProvider.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss'Z'}/{++_versions}"),
        _resources);
}
