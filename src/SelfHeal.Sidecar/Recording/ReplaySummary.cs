using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Recording;

/// <summary>What a replay did.</summary>
internal sealed record ReplaySummary
{
    /// <summary>Steps that were run.</summary>
    public required long Steps { get; init; }

    /// <summary>Samples in their batches, histograms among them.</summary>
    public required long Samples { get; init; }

    /// <summary>The time that they cover.</summary>
    public required TimeSpan Covered { get; init; }

    /// <summary>Entries that are byte for byte the recorded ones.</summary>
    public required long Reproduced { get; init; }

    /// <summary>Entries that were asked for and never answered: the recording ends before.</summary>
    public required int Unanswered { get; init; }

    /// <summary>Why entries are not compared with the recorded ones; empty where they are.</summary>
    public required string NotCompared { get; init; }

    /// <summary>The first entry that is not the recorded one; empty where all are.</summary>
    public required string Difference { get; init; }

    /// <summary>Where the loop first did something else to the world than the recorded one; null where it did
    /// not.</summary>
    public required DateTimeOffset? DivergedAt { get; init; }

    /// <summary>What was done then, there and here.</summary>
    public required string Divergence { get; init; }

    /// <summary>Why the loop stopped before the end; empty where it did not.</summary>
    public required string Failure { get; init; }

    /// <summary>Where a recording could not be read.</summary>
    public required ImmutableArray<RecordingFault> Faults { get; init; }

    /// <summary>What is missing between the steps that were run, and what else is to be known.</summary>
    public required ImmutableArray<string> Notes { get; init; }

    /// <summary>Whether all that there is was read and, where it can be compared, reproduced.</summary>
    public bool IsClean =>
        Faults.IsEmpty && Failure.Length == 0 && (NotCompared.Length > 0 || Difference.Length == 0);
}
