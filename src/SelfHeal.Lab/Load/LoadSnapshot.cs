using System.Collections.Immutable;

namespace SelfHeal.Lab.Load;

/// <summary>The counts of a <see cref="LoadGenerator"/> at one moment; they only grow.</summary>
/// <param name="Sent">Requests started.</param>
/// <param name="Shed">Requests that were due but not started, because too many were under way.</param>
/// <param name="TransportErrors">Requests without any answer.</param>
/// <param name="Statuses">Answers by status, ascending.</param>
/// <param name="Versions">Answers by version, ordinally sorted.</param>
public sealed record LoadSnapshot(
    long Sent,
    long Shed,
    long TransportErrors,
    ImmutableSortedDictionary<int, long> Statuses,
    ImmutableArray<VersionLoad> Versions)
{
    /// <summary>All answers with a status of 500 or above, and requests without answer.</summary>
    public long Failed => TransportErrors + Versions.Sum(version => version.Failed);

    /// <summary>What one version answered; zeros for a version not seen yet.</summary>
    /// <param name="version">The version's name.</param>
    public VersionLoad Of(string version) =>
        Versions.FirstOrDefault(load => string.Equals(load.Version, version, StringComparison.Ordinal))
        ?? new VersionLoad(version, 0, 0);
}
