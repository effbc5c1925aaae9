using SelfHeal.Core.Records;
using SelfHeal.Core.Time;

namespace SelfHeal.Core.Recording;

/// <summary>
/// Steps on their way from the control thread to the disk, with what the writer must put before them. Pooled: the
/// control thread fills it, hands it over, and never touches it until it comes back.
/// </summary>
public sealed class RecordedChunk
{
    /// <summary>The encoded steps.</summary>
    public RecordingBuffer Buffer { get; } = new();

    /// <summary>Series that the steps refer to and that the file does not have yet.</summary>
    public List<CatalogGrowth> Growth { get; } = [];

    /// <summary>Entries that became durable, to be kept beside the steps.</summary>
    public List<LedgerRecord> Appended { get; } = [];

    /// <summary>When set, a new file begins with this chunk, and these are the entries of the ledger before
    /// it.</summary>
    public IReadOnlyList<LedgerRecord>? LedgerOfNewFile { get; set; }

    /// <summary>Whether the steps can be read without those before.</summary>
    public bool IsKey { get; internal set; }

    /// <summary>How many chunks of steps came before.</summary>
    public long Sequence { get; internal set; }

    /// <summary>The time of the first step.</summary>
    public ControlTime First { get; internal set; }

    /// <summary>The monotonic time of the last step.</summary>
    public long LastNanos { get; internal set; }

    /// <summary>How many steps are in it.</summary>
    public int Steps { get; internal set; }

    /// <summary>How many steps between the chunk before and this one were not recorded.</summary>
    public uint DroppedSteps { get; internal set; }

    /// <summary>Whether one of the steps decided something: then it should be on the disk soon.</summary>
    public bool HasEffects { get; internal set; }

    /// <summary>Empties it for new steps.</summary>
    internal void Clear()
    {
        Buffer.Clear();
        Growth.Clear();
        Appended.Clear();
        LedgerOfNewFile = null;
        Steps = 0;
        DroppedSteps = 0;
        HasEffects = false;
    }
}
