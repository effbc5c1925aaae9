using System.Collections.Immutable;
using SelfHeal.Core;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Accepted;

/// <summary>
/// Serves as much as possible of what is meant to be served, without contents that a node rejected. Each of those gives
/// way to what was accepted last under its name, or to nothing; then whatever refers to what is missing gives way in
/// the same manner, until all references are closed. What was accepted last gets back what it refers to, where the
/// source has dropped that in the meantime. Nothing else changes.
/// </summary>
public static class Containment
{
    /// <summary>Finds what can be served.</summary>
    /// <param name="target">What is meant to be served; its references need not be closed.</param>
    /// <param name="accepted">What was accepted last; null if nothing was.</param>
    /// <param name="rejected">Contents that must not be served.</param>
    /// <param name="validator">Says what can be served.</param>
    public static ContainmentResult Contain(
        Snapshot target,
        ValidatedSnapshot? accepted,
        IReadOnlySet<ContentKey> rejected,
        SnapshotValidator validator)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(rejected);
        ArgumentNullException.ThrowIfNull(validator);
        var run = new Run(target, accepted ?? ValidatedSnapshot.Empty, rejected, validator);
        var snapshot = run.Close();
        if (accepted is not null && run.Loses && !IsAnyRejected(accepted, rejected))
            return new ContainmentResult(accepted, run.Contained, IsWhole: true);
        return new ContainmentResult(snapshot, run.Contained, IsWhole: false);
    }

    /// <summary>Finds what can be served.</summary>
    /// <param name="target">What is meant to be served.</param>
    /// <param name="accepted">What was accepted last; null if nothing was.</param>
    /// <param name="rejected">Contents that must not be served.</param>
    /// <param name="validator">Says what can be served.</param>
    public static ContainmentResult Contain(
        ValidatedSnapshot target,
        ValidatedSnapshot? accepted,
        IReadOnlySet<ContentKey> rejected,
        SnapshotValidator validator)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(rejected);
        return IsAnyRejected(target, rejected)
            ? Contain(target.AsSnapshot(), accepted, rejected, validator)
            : new ContainmentResult(target, [], IsWhole: false);
    }

    private static bool IsAnyRejected(ValidatedSnapshot snapshot, IReadOnlySet<ContentKey> rejected) =>
        rejected.Any(key => snapshot.Get(key.TypeUrl).Find(key.Name)?.ContentHash == key.ContentHash);

    private sealed class Run
    {
        private readonly Snapshot _target;
        private readonly ValidatedSnapshot _accepted;
        private readonly IReadOnlySet<ContentKey> _rejected;
        private readonly SnapshotValidator _validator;

        // What differs from the target: a content, or null where the name is left out.
        private readonly Dictionary<(string TypeUrl, string Name), (XdsResource? Resource, ContainedResource Told)>
            _changes = [];

        public Run(
            Snapshot target,
            ValidatedSnapshot accepted,
            IReadOnlySet<ContentKey> rejected,
            SnapshotValidator validator)
        {
            _target = target;
            _accepted = accepted;
            _rejected = rejected;
            _validator = validator;
        }

        /// <summary>Whether something is left out that the target has and that was accepted last.</summary>
        public bool Loses => _changes.Any(change => change.Value.Resource is null
            && _accepted.Get(change.Key.TypeUrl).Find(change.Key.Name) is not null
            && _target.Get(change.Key.TypeUrl).Find(change.Key.Name) is not null);

        public ImmutableArray<ContainedResource> Contained =>
        [
            .. _changes.Values.Where(IsDifferent).Select(static change => change.Told)
                .OrderBy(static told => told.TypeUrl, TypeUrl.Comparer)
                .ThenBy(static told => told.Name, StringComparer.Ordinal),
        ];

        public ValidatedSnapshot Close()
        {
            foreach (var key in _rejected)
            {
                if (_target.Get(key.TypeUrl).Find(key.Name) is { } resource && resource.ContentHash == key.ContentHash)
                    GiveWay(resource, "a proxy rejected it");
            }

            // Each round moves at least one resource on: from the target to what was accepted, from that to nothing, or
            // from nothing to what was accepted where something refers to it; none ever moves back.
            var rounds = 3 * (CountOf(_target.Sets) + CountOf(_accepted.Sets)) + 1;
            for (var round = 0; round < rounds; round++)
            {
                var snapshot = Current();
                var validation = _validator.Validate(snapshot);
                if (validation.Snapshot is { } closed)
                    return closed;
                foreach (var wrong in validation.Errors.GroupBy(static error => (error.TypeUrl, error.Resource)))
                    Mend(snapshot, wrong.Key, wrong.First());
            }

            throw new InvariantException("a snapshot whose parts only ever give way can be served in the end");
        }

        private static int CountOf(ImmutableSortedDictionary<string, ResourceSet> sets) =>
            sets.Values.Sum(static set => set.Resources.Length);

        /// <summary>A resource that was restored and then had to go is what the target says.</summary>
        private bool IsDifferent((XdsResource? Resource, ContainedResource Told) change) =>
            change.Resource is not null || _target.Get(change.Told.TypeUrl).Find(change.Told.Name) is not null;

        private void Mend(Snapshot snapshot, (string TypeUrl, string Name) key, SnapshotError error)
        {
            if (snapshot.Get(key.TypeUrl).Find(key.Name) is not { } resource)
                return; // A duplicate's error, or one that says that there are more.
            if (_changes.ContainsKey(key) && TryRestoreWhatIsMissing(snapshot, resource))
                return;
            GiveWay(resource, error.Field.Length == 0 ? error.Message : $"{error.Field}: {error.Message}");
        }

        /// <summary>What was accepted last may refer to what the source has dropped since.</summary>
        private bool TryRestoreWhatIsMissing(Snapshot snapshot, XdsResource resource)
        {
            var restored = false;
            foreach (var (typeUrl, name) in References.Of(resource))
            {
                var key = (typeUrl, name);
                if (snapshot.Get(typeUrl).Find(name) is not null || _changes.ContainsKey(key)
                    || _accepted.Get(typeUrl).Find(name) is not { } old || IsRejected(old))
                    continue;
                _changes.Add(key, (old, new ContainedResource(
                    typeUrl,
                    name,
                    ContainmentMeasure.Restored,
                    $"{TypeUrl.FullName(resource.TypeUrl)} '{resource.Name}' needs it")));
                restored = true;
            }

            return restored;
        }

        private void GiveWay(XdsResource resource, string reason)
        {
            var key = (resource.TypeUrl, resource.Name);
            var isFirst = !_changes.ContainsKey(key);
            var old = isFirst ? _accepted.Get(resource.TypeUrl).Find(resource.Name) : null;
            if (old is not null && (IsRejected(old) || old.ContentHash == resource.ContentHash))
                old = null;
            var measure = old is null ? ContainmentMeasure.LeftOut : ContainmentMeasure.Replaced;
            _changes[key] = (old, new ContainedResource(resource.TypeUrl, resource.Name, measure, reason));
        }

        private bool IsRejected(XdsResource resource) =>
            _rejected.Contains(new ContentKey(resource.TypeUrl, resource.Name, resource.ContentHash));

        private Snapshot Current() => _changes.Count == 0
            ? _target
            : _target.Change(_changes.Select(
                static change => (change.Key.TypeUrl, change.Key.Name, change.Value.Resource)));
    }
}
