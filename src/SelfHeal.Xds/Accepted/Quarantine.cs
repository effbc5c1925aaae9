using System.Collections.Immutable;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Accepted;

/// <summary>
/// The contents that nodes rejected. Immutable: whoever changes it replaces it whole.
/// </summary>
public sealed class Quarantine
{
    /// <summary>
    /// The most contents in it. A bad rollout brings a handful; beyond it the oldest is forgotten, and will be found
    /// again by the next node that rejects it.
    /// </summary>
    public const int EntriesMax = 1024;

    private Quarantine(ImmutableArray<QuarantinedContent> entries) => Entries = entries;

    /// <summary>Nothing was rejected.</summary>
    public static Quarantine Empty { get; } = new([]);

    /// <summary>The oldest first.</summary>
    public ImmutableArray<QuarantinedContent> Entries { get; }

    /// <summary>A quarantine of these contents.</summary>
    /// <param name="entries">The oldest first; of too many the newest are kept.</param>
    public static Quarantine Of(IEnumerable<QuarantinedContent> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var all = entries.ToImmutableArray();
        return new Quarantine(all.Length > EntriesMax ? all[^EntriesMax..] : all);
    }

    /// <summary>The contents that a group is not served.</summary>
    /// <param name="group">The group.</param>
    public IEnumerable<QuarantinedContent> Of(string group) =>
        Entries.Where(entry => string.Equals(entry.Group, group, StringComparison.Ordinal));

    /// <summary>This one with another content; itself if that is in it already.</summary>
    /// <param name="entry">What was rejected.</param>
    public Quarantine Add(QuarantinedContent entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return Entries.Any(known => IsSame(known, entry)) ? this : Of(Entries.Add(entry));
    }

    /// <summary>
    /// This one without the contents that a group's source no longer declares; itself if it still declares them all.
    /// </summary>
    /// <param name="group">The group.</param>
    /// <param name="source">What it declares, without overlays.</param>
    public Quarantine Expire(string group, ValidatedSnapshot source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var kept = Entries.Where(entry => !string.Equals(entry.Group, group, StringComparison.Ordinal)
            || source.Get(entry.TypeUrl).Find(entry.Name)?.ContentHash == entry.SourceHash).ToImmutableArray();
        return kept.Length == Entries.Length ? this : new Quarantine(kept);
    }

    private static bool IsSame(QuarantinedContent a, QuarantinedContent b) =>
        a.Group == b.Group && a.TypeUrl == b.TypeUrl && a.Name == b.Name && a.ContentHash == b.ContentHash;
}
