using System.Collections.Immutable;
using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Groups;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <summary>What one group is served, and where that comes from. Used by the configuration's loop only.</summary>
/// <param name="assignment">The group and its directory.</param>
/// <param name="descriptorSets">What explains its resources.</param>
/// <param name="slot">Where its streams take what is served.</param>
/// <param name="isFixed">Whether it is there whichever nodes come.</param>
internal sealed class GroupConfiguration(
    GroupAssignment assignment, DescriptorSets descriptorSets, ServedSlot slot, bool isFixed)
{
    // Contents that some nodes reject and others accept. A fleet of several releases brings a few.
    private const int DisputesMax = 100;

    private readonly SortedDictionary<string, string> _disputes = new(StringComparer.Ordinal);

    // A publication may wait for the end of a window, so the slot does not tell what it was given.
    private ValidatedSnapshot? _published;
    private ValidatedSnapshot? _publishedSource;

    /// <summary>The group's name.</summary>
    public string Name => assignment.Group;

    /// <summary>Whether it is there whichever nodes come.</summary>
    public bool IsFixed => isFixed;

    /// <summary>Its directory.</summary>
    public ResourceDirectory Directory { get; } = new(assignment.Resources, descriptorSets);

    /// <summary>Where its streams take what is served.</summary>
    public ServedSlot Slot => slot;

    /// <summary>The directory as it was when it was last read; empty if it was not.</summary>
    public string Fingerprint { get; set; } = "";

    /// <summary>What it declares; null as long as there is nothing to serve.</summary>
    public ValidatedSnapshot? Source { get; private set; }

    /// <summary>What is kept on disk of it and served in place of a source; null once the source was read.</summary>
    public AcceptedState? FromDisk { get; private set; }

    /// <summary>What is wrong with its files; empty if nothing is.</summary>
    public ImmutableArray<string> SourceProblems { get; set; } = [];

    /// <summary>What is meant to be served: the source under its overlays.</summary>
    public ValidatedSnapshot? Target { get; set; }

    /// <summary>What is served, and what of it is not as it was meant to be.</summary>
    public ContainmentResult? Served { get; set; }

    /// <summary>Contents that some nodes reject and others accept, by what they are.</summary>
    public IReadOnlyDictionary<string, string> Disputes => _disputes;

    /// <summary>Everything that a human should know of it.</summary>
    public IEnumerable<string> Problems
    {
        get
        {
            if (FromDisk is { } kept)
                yield return $"what proxies accepted last, as of {kept.At:u}, is served from disk";
            foreach (var problem in SourceProblems)
                yield return problem;
            if (Served is { IsWhole: true })
                yield return "all that proxies accepted last is served: nothing else can be without what they rejected";
            foreach (var contained in Served?.Contained ?? [])
            {
                yield return $"{SelfHeal.Xds.Resources.TypeUrl.FullName(contained.TypeUrl)} '{contained.Name}' is "
                    + $"{Word(contained.Measure)}: {contained.Reason}";
            }

            foreach (var dispute in _disputes.Values)
                yield return dispute;
        }
    }

    /// <summary>The source declares something else from now on.</summary>
    public void Take(ValidatedSnapshot source)
    {
        Source = source;
        FromDisk = null;
        SourceProblems = [];
        _disputes.Clear();
    }

    /// <summary>There is no source yet; what was accepted last stands in for it.</summary>
    public void TakeFromDisk(ValidatedSnapshot source, AcceptedState kept)
    {
        Source = source;
        FromDisk = kept;
    }

    /// <summary>Some nodes reject a content and others accept it.</summary>
    public void Dispute(string what, string problem)
    {
        if (_disputes.Count < DisputesMax)
            _disputes[what] = problem;
    }

    /// <summary>Hands over what is served, if that is not what was handed over last.</summary>
    public void Publish()
    {
        if (this is not { Served.Snapshot: { } snapshot, Target: { } target, Source: { } source })
            return;

        // What is served may stay while what is intended comes back to it: an overlay that was rejected is withdrawn.
        var isContained = Served is { IsWhole: true } or { Contained.Length: > 0 };
        slot.Intend(isContained ? target : null);
        if (ReferenceEquals(snapshot, _published) && ReferenceEquals(source, _publishedSource))
            return;
        (_published, _publishedSource) = (snapshot, source);
        slot.Accepted.Serve(snapshot, target, source);

        // What a proxy rejected must not wait for a window: another one may connect meanwhile.
        slot.Publish(snapshot, isContained);
    }

    private static string Word(ContainmentMeasure measure) => measure switch
    {
        ContainmentMeasure.Replaced => "served as it was accepted last",
        ContainmentMeasure.LeftOut => "not served",
        ContainmentMeasure.Restored => "still served",
        _ => throw new ArgumentOutOfRangeException(nameof(measure), measure, "no such measure"),
    };
}
